/** Cells of the state file: a disk that is full, one that takes no writes, and a file that is not what it should be. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Cell, healed, heardBy, lies, type Shown, type Stage } from "./cell.ts";
import { shownBy } from "./parts.ts";

const isRoot = process.getuid?.() === 0;

/** May this process mount? Else a file's size is limited for the command, which is as good a way to be full. */
export const mayMount: boolean =
  isRoot && tries(() => mounted(join(process.env.TMPDIR ?? "/tmp", `egress-scout-mount-${process.pid}`), "64k")());

function tries(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

/** A disk of that size at `dir`. @returns what takes it away again */
function mounted(dir: string, size: string): () => void {
  mkdirSync(dir, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=0755`, "egress-scout", dir], { stdio: "pipe" });
  return () => {
    execFileSync("umount", ["--lazy", dir], { stdio: "pipe" });
    rmSync(dir, { recursive: true, force: true });
  };
}

/** KB that are left on the disk, and KB that the files of the state may have in all where nobody may mount. */
const rooms = [0, 16, 48, 96];
const sizes = [1, 16, 48];

export const diskCells = (): Cell[] => [
  ...(mayMount
    ? rooms.map(
        (room): Cell => ({ part: "disk", fault: "full", step: `${room} KB left`, run: (stage) => full(stage, room) }),
      )
    : []),
  ...sizes.map(
    (size): Cell => ({
      ...{ part: "disk", fault: "files may not grow", step: `beyond ${size} KB` },
      run: (stage) => limited(stage, size),
    }),
  ),
  { part: "disk", fault: "read-only", step: "all of it", run: readOnly },
  ...Object.entries(damages).map(
    ([fault, damage]): Cell => ({
      ...{ part: "state file", fault, step: "before the run" },
      run: (stage) => damaged(stage, damage),
    }),
  ),
];

async function full(stage: Stage, room: number): Promise<Shown> {
  const disk = join(stage.world.dir, `${stage.cluster}-disk`);
  const unmount = mounted(disk, "4m");
  try {
    const outside = await stage.open({ stateDir: disk });
    const filler = join(disk, "filler");
    tries(() => writeFileSync(filler, Buffer.alloc(8 * 1024 * 1024)));
    truncateSync(filler, statSync(filler).size - room * 1024);
    const ran = await stage.scan(outside, stage.world.times.first);
    if (ran.code === 0) stage.fault("the run never met the fault");
    for (const one of lies(ran, await heardBy(outside))) stage.fault(one);
    rmSync(filler);
    await healed(stage, outside, [ran]);
    return shownBy(ran);
  } finally {
    unmount();
  }
}

async function limited(stage: Stage, size: number): Promise<Shown> {
  const outside = await stage.open();
  const under = ["prlimit", `--fsize=${size * 1024}`];
  const ran = await stage.scan(outside, stage.world.times.first, { under });
  if (ran.code === 0) stage.fault("the run never met the fault");
  for (const one of lies(ran, await heardBy(outside))) stage.fault(one);
  await healed(stage, outside, [ran]);
  return shownBy(ran);
}

/** For root nothing is read-only but a disk that is mounted so. */
async function readOnly(stage: Stage): Promise<Shown> {
  const disk = join(stage.world.dir, `${stage.cluster}-disk`);
  mkdirSync(disk);
  const unmount = mayMount ? mounted(disk, "4m") : () => {};
  const mode = (writable: boolean) => {
    if (mayMount) execFileSync("mount", ["-o", `remount,${writable ? "rw" : "ro"}`, disk]);
    else chmodSync(disk, writable ? 0o755 : 0o555);
    if (!mayMount) chmodSync(join(disk, "state.db"), writable ? 0o644 : 0o444);
  };
  try {
    const outside = await stage.open({ stateDir: disk });
    mode(false);
    const ran = await stage.scan(outside, stage.world.times.first);
    if (ran.code === 0) stage.fault("the run never met the fault");
    for (const one of lies(ran, await heardBy(outside))) stage.fault(one);
    mode(true);
    await healed(stage, outside, [ran]);
    return shownBy(ran);
  } finally {
    unmount();
  }
}

/** What becomes of a file, and whether the run must not go on with it. */
type Damage = { isBearable?: boolean; do(file: string): void };

const damages: Record<string, Damage> = {
  "cut in half": { do: (file) => truncateSync(file, Math.floor(statSync(file).size / 2)) },
  garbage: { do: (file) => writeFileSync(file, noise(statSync(file).size)) },
  "garbage but for its first page": {
    do: (file) => {
      const all = readFileSync(file);
      writeFileSync(file, Buffer.concat([all.subarray(0, 4096), noise(all.length - 4096)]));
    },
  },
  "another program's": {
    do(file) {
      rmSync(file);
      const database = new DatabaseSync(file);
      database.exec("CREATE TABLE users (name TEXT); INSERT INTO users VALUES ('somebody')");
      database.close();
    },
  },
  // As a new one: it learns, and says so.
  "zero length": { isBearable: true, do: (file) => truncateSync(file, 0) },
  "garbage in its log": { isBearable: true, do: (file) => writeFileSync(`${file}-wal`, noise(40_000)) },
};

/** The same in every run. */
const noise = (size: number): Buffer =>
  Buffer.from(Array.from({ length: size }, (_, n) => (n * 2_654_435_761) >>> 13).map((one) => one & 255));

async function damaged(stage: Stage, { isBearable = false, do: damage }: Damage): Promise<Shown> {
  const outside = await stage.open();
  const file = join(outside.dir, "state.db");
  damage(file);
  const before = readFileSync(file);
  const ran = await stage.scan(outside, stage.world.times.first);
  for (const one of lies(ran, await heardBy(outside))) stage.fault(one);
  if (!isBearable) {
    if (ran.code !== 1 || !ran.stderr.includes("store/corrupt"))
      stage.fault(`exit ${ran.code}: ${ran.stderr || "not said"}`);
    if (!readFileSync(file).equals(before)) stage.fault("the file was written to");
  }
  if (before.length === 0 && ran.document?.run.mode !== "learn") stage.fault("it does not say that it learned");
  for (const name of ["state.db-wal", "state.db-shm"]) rmSync(join(outside.dir, name), { force: true });
  // As the message says: a copy is restored. One that was told by needs none.
  if (!isBearable || before.length === 0) copyFileSync(stage.world.learned, file);
  await healed(stage, outside, [ran]);
  return shownBy(ran);
}
