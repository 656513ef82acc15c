/**
 * Takes secrets out of a text that others wrote (an answer may hold the address it was asked at). In goes the text whole, not
 * yet shortened: half a secret would not be found. Looks for each secret as it is and percent-encoded, in any case of letters;
 * those under 4 characters would take words apart and are left alone. Throws nothing.
 */
export function cutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= 4)
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .sort((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(new RegExp(literal(secret), "gi"), "(secret)"), text);
}

function literal(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, "\\$&");
}

/** The parts of a webhook's URL that open it: all but the scheme and the host. For a text that is no URL, the text itself. */
export function urlSecrets(url: string): string[] {
  if (!URL.canParse(url)) return [url];
  const { pathname, search, username, password, hash } = new URL(url);
  return [url, ...[pathname, search, username, password, hash].flatMap((part) => [part, ...part.split(/[/?&=#]/)])];
}

/** Headers that are no secret, and worth reading where they are quoted. */
const plain = /^(accept|content-type|content-length|host|x-amz-date|x-amz-content-sha256)$/i;
const schemes = /^(basic|bearer|aws4-hmac-sha256)$/i;

/** What of a request's headers must not be quoted: an answer of whoever stands in between may hold them all. */
export function headerSecrets(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (plain.test(name)) return [];
    const parts = value.split(" ").filter((part) => !schemes.test(part));
    const pair = /^Basic (\S+)$/i.exec(value)?.[1];
    const decoded = pair === undefined ? "" : Buffer.from(pair, "base64").toString("utf8");
    return [value, ...parts, decoded, decoded.slice(decoded.indexOf(":") + 1)];
  });
}
