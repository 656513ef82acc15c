/** ADAPTER: the config where AWS keeps it: `s3://BUCKET/KEY` or `ssm:NAME`, with the files that one in S3 names. */
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import pLimit from "p-limit";
import { ScoutError } from "../errors.ts";
import { awsFault } from "./aws-error.ts";
import { parameter } from "./aws-values.ts";
import { type ConfigChoice, configOf } from "./load.ts";
import { type Bucket, bucket } from "./s3.ts";
import type { Config } from "./schema.ts";

const mostConfigBytes = 1024 * 1024;
/** Of one file that the config names: a table of autonomous systems has some 40 MB. */
const mostFileBytes = 64 * 1024 * 1024;

/** @throws ConfigError; ScoutError `config/unreadable`, `usage` */
export async function fromParameter(place: string, choice: ConfigChoice): Promise<Config> {
  return await configOf(await textOf(place), place, choice, null);
}

async function textOf(place: string): Promise<string> {
  const name = place.slice("ssm:".length);
  if (name === "") throw new ScoutError("usage", `${place} names no parameter`, { mend: "write ssm:/path/of/it" });
  try {
    return await parameter(name);
  } catch (thrown) {
    const { why, mend } = awsFault(thrown, "ssm:GetParameter");
    throw new ScoutError("config/unreadable", `${place} cannot be read: ${why}`, { mend });
  }
}

/** @throws ConfigError; ScoutError `config/unreadable`, `usage` */
export async function fromS3(place: string, choice: ConfigChoice): Promise<Config> {
  const [, name = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(place) ?? [];
  if (key === "") throw new ScoutError("usage", `${place} names no object`, { mend: "write s3://BUCKET/KEY" });
  const objects = await bucket(name);
  try {
    const text = Buffer.from(await objects.object(key, mostConfigBytes)).toString("utf8");
    const config = await configOf(text, place, choice, null);
    const named = filesOf(config);
    if (named.length === 0) return config;
    const root = await fetched(objects, posix.dirname(key), named, place);
    const { state, folder } = config;
    return { ...(await configOf(text, place, choice, join(root, posix.dirname(key)))), state, folder };
  } finally {
    objects.close();
  }
}

/** The files and folders that a config names by relative paths. Those that may be a folder have to be listed. */
function filesOf({ clusters, verdicts, owners, enrich }: Config): { path: string; isFile: boolean }[] {
  const files = [verdicts ?? [], owners.flatMap(({ codeowners = [] }) => codeowners)].flat();
  const folders = [
    clusters.flatMap(({ existing }) => existing),
    owners.flatMap(({ backstage = [] }) => backstage),
    enrich.ranges ?? [],
    enrich.asn ?? [],
  ].flat();
  const isRelative = (path: string) => !path.startsWith("/") && !/^https?:\/\//i.test(path);
  return [
    ...files.filter(isRelative).map((path) => ({ path, isFile: true })),
    ...folders.filter(isRelative).map((path) => ({ path, isFile: false })),
  ];
}

/** Folders of configs fetched before, by place: each goes when the next one is there, the last one with the process. */
const roots = new Map<string, string>();

/** Puts them under a folder that stands for the bucket, and gives that. */
async function fetched(objects: Bucket, base: string, named: ReturnType<typeof filesOf>, place: string) {
  const limit = pLimit(8);
  const keys = await Promise.all(
    named.map(async ({ path, isFile }) => {
      const key = posix.join(base, path).replace(/\/$/, "");
      if (key.startsWith("..")) throw new ScoutError("config/unreadable", `${place}: ${path} is outside of the bucket`);
      return isFile ? [key] : await limit(() => objects.at(key));
    }),
  );
  // A key may hold anything, and must not lead out of the folder.
  const safe = [...new Set(keys.flat())].filter((key) => posix.normalize(`/${key}`) === `/${key}`);
  const root = await mkdtemp(join(tmpdir(), "egress-scout-config-"));
  const before = roots.get(place);
  if (roots.size === 0) process.once("exit", () => roots.forEach(remove));
  roots.set(place, root);
  if (before !== undefined) remove(before);
  await Promise.all(
    safe.map((key) =>
      limit(async () => {
        const bytes = await objects.object(key, mostFileBytes);
        await mkdir(dirname(join(root, key)), { recursive: true });
        await writeFile(join(root, key), bytes);
      }),
    ),
  );
  return root;
}

const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true });
