/** ADAPTER: gets lists from files, folders and URLs, whatever is in them. One that cannot be had costs a warning, never a run. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import pLimit from "p-limit";
import { keep, readKept } from "./cache.ts";
import { fetchList } from "./fetch.ts";
import { clean, type Origin, originOfFile, originOfUrl } from "./list.ts";

/** One list: what it says, null where that is nothing, and what is to be said of it. */
export interface Got<T> {
  value: T | null;
  warnings: string[];
}

/** Makes of the bytes what is wanted. May throw. */
export type Read<T> = (bytes: Uint8Array, origin: Origin) => Promise<Got<T>>;

export interface Limits {
  cache: string;
  now: number;
  /** Milliseconds for which a fetched list is not asked for again. */
  fresh: number;
  /** Milliseconds for one URL. */
  deadline: number;
  mostBytes: number;
}

const mostFiles = 256;

/** All that can be had, in the order of the sources, files of a folder in the order of their names. Never throws. */
export async function fromSources<T>(
  sources: readonly string[],
  read: Read<T>,
  limits: Limits,
): Promise<{ values: T[]; warnings: string[] }> {
  const few = pLimit(4);
  const guarded: Read<T> = (bytes, origin) =>
    read(bytes, origin).catch((thrown: unknown) => {
      const code = codeOf(thrown);
      return missing(origin, code === "ERR_BUFFER_TOO_LARGE" ? tooLarge(limits.mostBytes) : `cannot be read (${code})`);
    });
  const got = await Promise.all(
    [...new Set(sources)].map(async (source) => {
      if (/^https?:\/\//i.test(source)) return [await few(() => fromUrl(source, guarded, limits))];
      const { files, warnings } = await filesOf(source);
      return [
        { value: null, warnings },
        ...(await Promise.all(files.map((file) => few(() => fromFile(file, guarded, limits))))),
      ];
    }),
  );
  return {
    values: got.flat().flatMap(({ value }) => (value === null ? [] : [value])),
    warnings: got.flat().flatMap(({ warnings }) => warnings),
  };
}

/** The path itself, or the regular files in the folder: Kubernetes mounts each as a link, beside hidden folders. */
async function filesOf(path: string): Promise<{ files: string[]; warnings: string[] }> {
  try {
    if (!(await stat(path)).isDirectory()) return { files: [path], warnings: [] };
    const names = (await readdir(path)).filter((name) => !name.startsWith(".")).sort();
    const kinds = await Promise.all(
      names.map((name) =>
        stat(join(path, name)).then(
          (at) => at.isDirectory(),
          () => false,
        ),
      ),
    );
    const files = names.filter((_, index) => kinds[index] === false).map((name) => join(path, name));
    const name = clean(path, 200);
    if (files.length === 0) return { files, warnings: [`${name}: holds no files`] };
    const warnings =
      files.length > mostFiles ? [`${name}: only the first ${mostFiles} of ${files.length} files are read`] : [];
    return { files: files.slice(0, mostFiles), warnings };
  } catch (thrown) {
    return { files: [], warnings: [`${clean(path, 200)}: cannot be read (${codeOf(thrown)})`] };
  }
}

async function fromFile<T>(path: string, read: Read<T>, { mostBytes }: Limits): Promise<Got<T>> {
  const origin = originOfFile(path);
  try {
    const at = await stat(path);
    // A pipe or a device has no end, and /dev/zero no size.
    if (!at.isFile()) return missing(origin, "is no regular file");
    if (at.size > mostBytes) return missing(origin, tooLarge(mostBytes));
    return await read(await readFile(path), origin);
  } catch (thrown) {
    return missing(origin, `cannot be read (${codeOf(thrown)})`);
  }
}

/**
 * The kept copy while it is fresh, else the server's; an answer that is no list is not kept, and does not take the place of one that
 * is. What a server cannot give, the kept copy does, with its age.
 */
async function fromUrl<T>(url: string, read: Read<T>, limits: Limits): Promise<Got<T>> {
  const { cache, now, fresh, mostBytes } = limits;
  const origin = originOfUrl(url);
  const kept = await readKept(cache, url, mostBytes);
  const old = kept === null ? null : await read(kept.bytes, origin);
  const usable = old?.value == null ? null : kept;
  // A time to come is a clock that was wrong, now or then.
  if (old !== null && usable !== null && now >= usable.fetched && now - usable.fetched < fresh) return old;

  const answer = await fetchList(url, usable, limits);
  if (answer.status === "same" && old !== null && usable !== null) {
    const fault = await keep(cache, url, { ...usable, bytes: null, fetched: now });
    return { value: old.value, warnings: [...old.warnings, ...notKept(origin, fault)] };
  }
  let why = answer.status === "failed" ? answer.why : "";
  if (answer.status === "new") {
    const got = await read(answer.bytes, origin);
    if (got.value !== null) {
      const fault = await keep(cache, url, { ...answer, fetched: now });
      return { value: got.value, warnings: [...got.warnings, ...notKept(origin, fault)] };
    }
    why = `the server's answer ${got.warnings.join("; ").replace(`${origin.name}: `, "")}`;
  }
  if (old === null || usable === null) return missing(origin, `is missing: ${why}`);
  const serves = `${origin.name}: could not be refreshed (${why}); the copy fetched ${age(now - usable.fetched)} serves`;
  return { value: old.value, warnings: [serves, ...old.warnings] };
}

const missing = (origin: Origin, why: string): Got<never> => ({ value: null, warnings: [`${origin.name}: ${why}`] });

const notKept = (origin: Origin, fault: string | null): string[] =>
  fault === null ? [] : [`${origin.name}: fetched, but it cannot be kept in the cache (${fault})`];

const tooLarge = (mostBytes: number): string => `is larger than ${mostBytes / 2 ** 20} MiB`;

function age(past: number): string {
  const hours = Math.floor(past / 3_600_000);
  if (hours < 0) return "at a time to come";
  if (hours < 48) return `${hours} hour${hours === 1 ? "" : "s"} ago`;
  return `${Math.floor(hours / 24)} days ago`;
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown error";
}
