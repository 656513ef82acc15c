import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { sqlite } from "../../lib/remember/sqlite.ts";
import { nothingNew, type Progress } from "../../lib/remember/store.ts";
import { answer, sighting, storeContract } from "../contract/store.ts";
import { lifelikes } from "./lifelike.ts";

const dir = mkdtempSync(join(tmpdir(), "egress-scout-sqlite-"));
let made = 0;
const fresh = () => join(dir, `${++made}.db`);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

storeContract("sqlite", async () => {
  const path = fresh();
  return { open: async () => sqlite(path), clean: async () => {} };
});

const at = (end: number): Progress => ({ end, learningSince: null, judgedUntil: null });

const module = new URL("../../lib/remember/sqlite.ts", import.meta.url).href;

/** Runs a script that gets the path, in a process of its own, until it prints a line. */
async function another(path: string, script: string) {
  const child = spawn(
    process.execPath,
    [
      "--input-type=module-typescript",
      "-e",
      `import { sqlite } from ${JSON.stringify(module)}; const path = ${JSON.stringify(path)}; ${script}`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  return child;
}

describe("sqlite", () => {
  it.each([999, 1000, 2001])("recalls all of %d sightings, page by page", async (count) => {
    const store = sqlite(fresh());
    const sightings = lifelikes(count);
    await store.remember("prod", { ...nothingNew(at(1)), sightings });
    await store.remember("other", { ...nothingNew(at(1)), sightings: lifelikes(3, count) });
    expect(new Map(await store.recall("prod"))).toEqual(new Map(sightings.map((one) => [one.key, one])));
    await store.close();
  });

  it("a process that is killed leaves no lock behind", async () => {
    const path = fresh();
    const store = sqlite(path);
    const child = await another(
      path,
      "await sqlite(path).lease('prod', 0); console.log('mine'); setInterval(() => {}, 1000);",
    );
    await expect(store.lease("prod", 0)).rejects.toMatchObject({ code: "store/busy" });
    child.kill("SIGKILL");
    await once(child, "exit");
    await (await store.lease("prod", 0)).release();
    await store.close();
  });

  it("all of a change is there, or nothing: a disk that is full", async () => {
    const path = fresh();
    const store = sqlite(path);
    await store.remember("prod", {
      ...nothingNew(at(1)),
      sightings: [sighting("one")],
    });
    const bad = { ...sighting("two"), count: "many" as unknown as number };
    await expect(
      store.remember("prod", {
        ...nothingNew(at(2)),
        sightings: [sighting("three"), bad],
        answers: [answer("4 api.example.com")],
      }),
    ).rejects.toMatchObject({ code: "store/unavailable" });
    expect([...(await store.recall("prod")).keys()]).toEqual(["one"]);
    expect((await store.answers("prod")).size).toBe(0);
    expect(await store.progress("prod")).toEqual(at(1));
    await store.close();
  });

  it("a rehearsal is a real write: others see that the file was written, and nothing in it", async () => {
    const path = fresh();
    const store = sqlite(path);
    const other = new DatabaseSync(path);
    const written = () => other.prepare("PRAGMA data_version").get()?.data_version;
    const before = written();
    await store.progress("prod");
    expect(written()).toBe(before);
    await store.rehearse("prod");
    expect(written()).not.toBe(before);
    other.exec("PRAGMA query_only = 1");
    expect(other.prepare("SELECT count(*) AS all_of_them FROM letter").get()).toEqual({ all_of_them: 0 });
    other.close();
    await store.close();
  });

  it("refuses a state file of a later version, and says so", async () => {
    const path = fresh();
    await sqlite(path).close();
    const raw = new DatabaseSync(path);
    raw.exec("PRAGMA user_version = 99");
    raw.close();
    expect(() => sqlite(path)).toThrowError(expect.objectContaining({ code: "store/too-new" }));
  });

  it("four processes may create one file at once, time after time", { timeout: 60_000 }, async () => {
    const opener = `
      import { sqlite } from ${JSON.stringify(module)};
      process.on("message", async (path) => {
        try {
          await sqlite(path).close();
          process.send("opened");
        } catch (thrown) {
          process.send(String(thrown));
        }
      });
      process.send("ready");`;
    const node = ["--input-type=module-typescript", "-e", opener];
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, node, { stdio: ["ignore", "inherit", "inherit", "ipc"] }),
    );
    const gone = children.map((child) => once(child, "exit"));
    const said = () =>
      Promise.all(children.map(async (child, i) => (await Promise.race([once(child, "message"), gone[i]]))?.[0]));
    try {
      expect(await said()).toEqual(Array(4).fill("ready"));
      for (let round = 0; round < 250; round++) {
        const path = fresh();
        const all = said();
        for (const child of children) child.send(path);
        expect(await all).toEqual(Array(4).fill("opened"));
      }
    } finally {
      for (const child of children) child.kill();
    }
  });
});
