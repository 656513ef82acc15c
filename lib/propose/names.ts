/** Names that others chose → names of branches and files. Pure. */
import { createHash } from "node:crypto";

const longest = 40;
/** What ends as ours do gets an own end, so that nobody can choose a name that comes out as another one's. */
const looksHashed = /(^|-)[0-9a-f]{16}$/;

/**
 * A name as a part of a branch's or a file's name: `a-z`, `0-9` and `-`. One that is not so already ends in a part of its hash, so that two
 * names never become one. Throws nothing.
 */
export function slug(name: string): string {
  if (name.length <= longest && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && !looksHashed.test(name)) return name;
  const words = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, longest)
    .replaceAll(/^-|-$/g, "");
  return `${words === "" ? "" : `${words}-`}${hash(name).slice(0, 16)}`;
}

/** SHA-256 of UTF-8, hexadecimal. */
export const hash = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

/** The branches of a cluster begin so. */
export const branchPrefix = (cluster: string): string => `egress-scout/${slug(cluster)}/`;

/** Where a manifest is kept, below the folder: a file for each, so that two pull requests never change the same one. */
export const pathOf = (namespace: string, name: string): string => `${fileName(namespace)}/${fileName(name)}.yaml`;

/** What Kubernetes admits as a name stays as it is (RFC 1123 subdomain). */
const fileName = (name: string): string =>
  /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name) && name.length <= 253
    ? name
    : slug(name);

/** A content's id as Git has it: by SHA-1, or by SHA-256 where the repository's ids are of that length. */
export function contentId(text: string, like: string): string {
  const bytes = Buffer.from(text, "utf8");
  return createHash(like.length === 64 ? "sha256" : "sha1")
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest("hex");
}
