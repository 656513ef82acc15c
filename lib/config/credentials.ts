/** A server's headers and credentials as the config has them → what is sent. Pure. */
import type { Secret } from "./schema.ts";

/** Gives what a reference stands for; what is missing is noted elsewhere. */
export type Reveal = (reference: Secret) => string;

type Auth = { basic: { username: string; password: Secret } } | { bearer: Secret };

/** A bearer token is one of the headers. */
export function credentials(
  headers: Readonly<Record<string, string | Secret>>,
  auth: Auth | undefined,
  reveal: Reveal,
) {
  const known = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? value : reveal(value)]),
  );
  const bearer = auth !== undefined && "bearer" in auth ? { authorization: `Bearer ${reveal(auth.bearer)}` } : {};
  const basic =
    auth !== undefined && "basic" in auth
      ? { username: auth.basic.username, password: reveal(auth.basic.password) }
      : null;
  return { headers: { ...known, ...bearer }, basic };
}
