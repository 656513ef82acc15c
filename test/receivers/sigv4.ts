/** Signature Version 4, worked out again from what came, as AWS documents it: independent of the library that signs. */
import { createHash, createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

export interface Signed {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
/** RFC 3986: encodeURIComponent leaves four more characters than AWS. */
const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

function canonicalQuery(search: string): string {
  const pairs = search === "" ? [] : search.split("&").map((pair) => pair.split("="));
  const decoded = (text: string | undefined) => encoded(decodeURIComponent((text ?? "").replaceAll("+", " ")));
  return pairs
    .map(([name, value]) => [decoded(name), decoded(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map((pair) => pair.join("="))
    .join("&");
}

/** What is wrong with the signature, or null. */
export function signatureFault({ method, url, headers, body }: Signed, service: string, known: Credentials) {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
  const [, keyId, day = "", region = "", of = "", signed = "", signature] =
    form.exec(headers.authorization ?? "") ?? [];
  if (signature === undefined) return "Missing Authentication Token";
  if (of !== service) return `Credential should be scoped to correct service: '${service}'.`;
  if (keyId !== known.accessKeyId) return "The security token included in the request is invalid.";
  const names = signed.split(";");
  const needed = ["host", ...Object.keys(headers).filter((name) => name.startsWith("x-amz-"))];
  if (headers["content-type"] !== undefined && method === "POST") needed.push("content-type");
  const unsigned = needed.find((name) => !names.includes(name));
  if (unsigned !== undefined) return `${unsigned} is not signed`;
  const hashed = headers["x-amz-content-sha256"];
  if (hashed !== undefined && hashed !== hash(body)) return "x-amz-content-sha256 is another body's";
  const [path = "", search = ""] = url.split("?");
  const lines = names.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, " ")}\n`).join("");
  const uri = path.split("/").map(encoded).join("/");
  const canonical = [method, uri, canonicalQuery(search), lines, signed, hash(body)].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${headers["x-amz-date"]}\n${scope}\n${hash(canonical)}`;
  const key = [day, region, service, "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${known.secretAccessKey}`);
  if (hmac(key, toSign).toString("hex") === signature) return null;
  const long =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.";
  return `${long}\n\nThe Canonical String for this request should have been\n'${canonical}'`;
}
