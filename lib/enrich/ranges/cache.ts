/** ADAPTER: keeps fetched lists in a folder, two files for each URL: the answer, and beside it when it came and how to ask for a newer. */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { redactUrl } from "../../errors.ts";
import type { Validators } from "./fetch.ts";

export interface Kept extends Validators {
  bytes: Uint8Array;
  /** When the server last said that this is its list, ms. */
  fetched: number;
}

const meta = z.object({ fetched: z.number(), etag: z.string().nullable(), lastModified: z.string().nullable() });

/** Names of files tell nothing of a URL, which may hold a secret. */
function pathsOf(folder: string, url: string): { list: string; about: string } {
  const name = createHash("sha256").update(url).digest("hex").slice(0, 32);
  return { list: join(folder, `${name}.list`), about: join(folder, `${name}.json`) };
}

/** What is kept of a URL; null where nothing readable is. Never throws. */
export async function readKept(folder: string, url: string, mostBytes: number): Promise<Kept | null> {
  const { list, about } = pathsOf(folder, url);
  try {
    if ((await stat(list)).size > mostBytes) return null;
    const told = meta.parse(JSON.parse(await readFile(about, "utf8")));
    return { bytes: await readFile(list), ...told };
  } catch {
    return null;
  }
}

/**
 * Keeps an answer in place of the one before; `bytes` null: it is still the same one. Whoever reads meanwhile has the old list or the
 * new one, whole. Null, or why it is not kept.
 */
export async function keep(folder: string, url: string, kept: Omit<Kept, "bytes"> & { bytes: Uint8Array | null }) {
  const { list, about } = pathsOf(folder, url);
  const { bytes, fetched, etag, lastModified } = kept;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // The list first: with the old times beside it, it is at worst asked for once more than needed.
    if (bytes !== null) await replace(list, bytes);
    await replace(about, `${JSON.stringify({ url: redactUrl(url), fetched, etag, lastModified })}\n`);
    return null;
  } catch (thrown) {
    return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown error";
  }
}

async function replace(path: string, content: Uint8Array | string): Promise<void> {
  const beside = `${path}.${randomUUID()}`;
  try {
    await writeFile(beside, content, { mode: 0o600 });
    await rename(beside, path);
  } catch (thrown) {
    await rm(beside, { force: true });
    throw thrown;
  }
}
