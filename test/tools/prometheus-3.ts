/** Prometheus 3: the program of Debian's unstable suite, unpacked beside the installed Prometheus, which stays as it is. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Where its program is, or why it is not there and how to get it. */
export type Found = { program: string } | { missing: string };

/** Runs a program and answers its stdout; throws where it fails. Replaced in tests. */
export type Run = (program: string, args: readonly string[], cwd?: string) => Promise<string>;

/** Fetched once; `npm ci` removes it. */
const cache = fileURLToPath(new URL("../../node_modules/.cache/egress-scout", import.meta.url));
/** Debian's own keys, those of the next releases included, with which unstable is signed as well. */
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

const runHere: Run = async (program, args, cwd) =>
  (await promisify(execFile)(program, [...args], { cwd, timeout: 120_000, maxBuffer: 1 << 24 })).stdout;

/** Fetches it where it is not there yet; no root is needed, and nothing is installed. Says on stderr what it does, and where it fails. */
export async function findPrometheus3(
  run: Run = runHere,
  folder: string = cache,
  say = (line: string): void => void process.stderr.write(`${line}\n`),
): Promise<Found> {
  const program = join(folder, "prometheus-3");
  try {
    if (!existsSync(program)) {
      say("fetching Prometheus 3 (of Debian's unstable suite, for the tests alone)");
      await fetchInto(folder, program, run);
    }
    return { program };
  } catch (error) {
    const missing = `no Prometheus 3: ${reason(error)}; apt fetches it on Debian, elsewhere put its program at ${program}`;
    say(missing);
    return { missing };
  }
}

/** Of all that apt says, its first error. */
function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /^E: (.*)$/m.exec(text)?.[1] ?? text.trim();
}

/** Two that fetch at once do not disturb each other: each has a folder of its own, and what is renamed last stays. */
async function fetchInto(folder: string, program: string, run: Run): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const own = mkdtempSync(join(folder, "fetch-"));
  try {
    const apt = aptOptions(own, await mirror(run));
    await run("apt-get", ["update", ...apt]);
    await run("apt-get", ["download", "prometheus", ...apt], own);
    await run("sh", ["-c", "dpkg-deb -x prometheus_*.deb unpacked"], own);
    const unpacked = join(own, "unpacked/usr/bin/prometheus");
    const says = await run(unpacked, ["--version"]);
    if (!/version 3\./.test(says)) throw new Error(`Debian's unstable suite has another: ${says.split("\n")[0]}`);
    renameSync(unpacked, program);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/** Where this machine has Debian from. */
async function mirror(run: Run): Promise<string> {
  const where = ["Created-By: Packages", "Origin: Debian", "Label: Debian", "Component: main"];
  const [uri] = (await run("apt-get", ["indextargets", "--format", "$(REPO_URI)", ...where])).split("\n");
  if (!uri) throw new Error("apt has no lists of a Debian release (apt-get update gets them)");
  return uri;
}

/** Everything that apt keeps goes into the folder: neither its sources nor its lists are those of the machine. */
function aptOptions(folder: string, uri: string): string[] {
  const sources = join(folder, "sources.list");
  writeFileSync(sources, `deb [signed-by=${keyring}] ${uri} unstable main\n`);
  for (const name of ["lists", "cache"]) mkdirSync(join(folder, name, "partial"), { recursive: true });
  const options = {
    "Dir::Etc::SourceList": sources,
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::State::Lists": join(folder, "lists"),
    "Dir::Cache": join(folder, "cache"),
    "Acquire::Languages": "none",
    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
    // Else an update that got nothing is no more than a warning.
    "APT::Update::Error-Mode": "any",
    // apt's own user cannot write here.
    "APT::Sandbox::User": "root",
  };
  return ["-q", ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
}
