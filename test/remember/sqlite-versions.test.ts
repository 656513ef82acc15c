/** State files that an earlier version wrote, and such as were damaged. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { sqlite } from "../../lib/remember/sqlite.ts";
import { steps } from "../../lib/remember/sqlite-schema.ts";
import { nothingNew } from "../../lib/remember/store.ts";
import { answer, letter, sighting } from "../contract/store.ts";
import { finding } from "../notify/sample.ts";

const dir = mkdtempSync(join(tmpdir(), "egress-scout-versions-"));
let made = 0;
const fresh = () => join(dir, `${++made}.db`);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What the steps were when they were released: a file out there has run them, and will not run them again. */
const released = ["00f8", "3726", "d680", "68db", "2448", "1d32", "424f", "9a3b"];

function written(path: string, version: number, insert: (file: DatabaseSync) => void): void {
  const file = new DatabaseSync(path);
  for (const step of steps.slice(0, version)) file.exec(step);
  file.exec(`PRAGMA user_version = ${version}`);
  insert(file);
  file.close();
}

function insertSightings(file: DatabaseSync, count: number): void {
  const insert = file.prepare(
    "INSERT INTO sighting VALUES ('prod', ?, 'prod', 'shop', 'web', 'allowed', 'http', ?, NULL, 80, NULL, NULL, 1700000000000, 1700000060000, 3, 3)",
  );
  file.exec("BEGIN");
  for (let index = 0; index < count; index++) insert.run(`k${index}`, `k${index}.example.com`);
  file.exec("COMMIT");
}

describe("a state file of an earlier version", () => {
  it("was made by steps that nobody changed since", () => {
    const hashes = steps.map((step) => createHash("sha256").update(step).digest("hex").slice(0, 4));
    expect(hashes.slice(0, released.length)).toEqual(released);
  });

  it("of version 6 learns which cluster a verdict's finding is of, where it was told", async () => {
    const path = fresh();
    written(path, 6, (file) => {
      for (const id of ["told", "unknown"]) {
        file.prepare("INSERT INTO verdict VALUES (?, 'denied', NULL, NULL, NULL, NULL)").run(id);
      }
      file.prepare("INSERT INTO told_finding VALUES ('prod', 'told', 'k', 'fan-out', '{}', '{}', 'shop', 1)").run();
    });
    const store = sqlite(path);
    const verdicts = await store.verdicts();
    expect([...verdicts.values()].map(({ id, cluster }) => [id, cluster])).toEqual([
      ["told", "prod"],
      ["unknown", undefined],
    ]);
    await store.close();
  });

  it("of version 2 keeps all it knows, and learns names and answers", async () => {
    const path = fresh();
    const open = finding({ id: "f1" });
    written(path, 2, (file) => {
      insertSightings(file, 500);
      file.prepare("INSERT INTO progress VALUES ('prod', 7, NULL, 9)").run();
      file
        .prepare("INSERT INTO letter (cluster, id, channel, message) VALUES ('prod', 'l1', 'slack', ?)")
        .run(JSON.stringify(letter("l1").message));
      file.prepare("INSERT INTO open_finding VALUES ('prod', 'f1', ?)").run(JSON.stringify(open));
      file.prepare("INSERT INTO habit VALUES ('prod', 'h1', ?)").run(Uint8Array.of(1, 2));
    });
    const store = sqlite(path);
    const known = await store.recall("prod");
    expect([...known.values()]).toEqual([...known.keys()].map((key) => sighting(key)));
    expect(known.size).toBe(500);
    expect(await store.progress("prod")).toEqual({ end: 7, learningSince: null, judgedUntil: 9 });
    expect(await store.letters("prod")).toEqual([letter("l1")]);
    expect([...(await store.open("prod")).values()]).toEqual([open]);
    expect([...((await store.habits("prod")).get("h1")?.state ?? [])]).toEqual([1, 2]);
    const named = sighting("k0", {
      name: { name: "k0.example.com", from: "host", trust: "claimed", why: "w" },
      namedAt: 5,
    });
    await store.remember("prod", {
      ...nothingNew({ end: 8, learningSince: null, judgedUntil: 9 }),
      sightings: [named],
      answers: [answer("4 k0.example.com")],
    });
    await store.close();
    const again = sqlite(path);
    expect((await again.recall("prod")).get("k0")).toEqual(named);
    expect((await again.recall("prod")).size).toBe(500);
    expect((await again.answers("prod")).get("4 k0.example.com")).toEqual(answer("4 k0.example.com"));
    await again.close();
  });

  it("of version 3 keeps its letters and open findings, which were not tried or told again yet", async () => {
    const path = fresh();
    const open = finding({ id: "f1" });
    written(path, 3, (file) => {
      file.prepare("INSERT INTO progress VALUES ('prod', 7, NULL, 9)").run();
      file
        .prepare("INSERT INTO letter (cluster, id, channel, message) VALUES ('prod', 'l1', 'slack', ?)")
        .run(JSON.stringify(letter("l1").message));
      file.prepare("INSERT INTO open_finding VALUES ('prod', 'f1', ?)").run(JSON.stringify(open));
    });
    const store = sqlite(path);
    expect(await store.letters("prod")).toEqual([letter("l1")]);
    expect([...(await store.open("prod")).values()]).toEqual([open]);
    expect([(await store.tellings("prod")).size, (await store.outages("prod")).size]).toEqual([0, 0]);
    await store.close();
  });

  it("of version 1 goes through every step", async () => {
    const path = fresh();
    written(path, 1, (file) => {
      insertSightings(file, 2);
      file.prepare("INSERT INTO progress VALUES ('prod', 7, 3)").run();
    });
    const store = sqlite(path);
    expect([...(await store.recall("prod")).values()]).toEqual([sighting("k0"), sighting("k1")]);
    expect(await store.progress("prod")).toEqual({ end: 7, learningSince: 3, judgedUntil: null });
    await store.close();
  });
});

describe("what is damaged in a state file", () => {
  it.each([
    ["found", "no JSON"],
    ["found", '{"a":1}'],
    ["found", "[1]"],
    ["found", JSON.stringify(Array(65).fill("203.0.113.7"))],
    ["seen", "["],
    ["seen", '[["203.0.113.7"]]'],
    ["seen", '[["203.0.113.7","yesterday"]]'],
    ["question", "a question"],
  ])("an answer whose %s is %s is not there, the others are", async (column, value) => {
    const path = fresh();
    const store = sqlite(path);
    const answers = [answer("4 bad.example.com"), answer("4 good.example.com")];
    await store.remember("prod", { ...nothingNew({ end: 1, learningSince: null, judgedUntil: null }), answers });
    const raw = new DatabaseSync(path);
    raw.prepare(`UPDATE answer SET ${column} = ? WHERE question = '4 bad.example.com'`).run(value);
    raw.close();
    expect([...(await store.answers("prod"))]).toEqual([["4 good.example.com", answer("4 good.example.com")]]);
    await store.close();
  });

  it.each([
    ["verdict", "perhaps"],
    ["protocol", "quic"],
  ])("a sighting whose %s is %s is told as damage, by its key", async (column, value) => {
    const path = fresh();
    const store = sqlite(path);
    const sightings = [sighting("k0"), sighting("k1")];
    await store.remember("prod", { ...nothingNew({ end: 1, learningSince: null, judgedUntil: null }), sightings });
    const raw = new DatabaseSync(path);
    raw.prepare(`UPDATE sighting SET ${column} = ? WHERE key = 'k1'`).run(value);
    raw.close();
    await expect(store.recall("prod")).rejects.toMatchObject({
      code: "store/corrupt",
      message: 'the sighting "k1" of the state file is none',
    });
    await store.close();
  });

  it.each(["no JSON", "[]", "{}", '{"since":"long ago"}'])(
    "a telling, a failure or an outage that is %s is not there, and costs nothing else",
    async (value) => {
      const path = fresh();
      const store = sqlite(path);
      const telling = {
        told: 1,
        repeats: 0,
        at: 5,
        severity: "info",
        count: 1,
        pace: 0.5,
        destinations: null,
      } as const;
      const failure = { since: 1, attempts: 1, next: 2, code: "channel/refused", text: "no", reported: false };
      await store.remember("prod", {
        ...nothingNew({ end: 1, learningSince: null, judgedUntil: null }),
        opened: [finding({ id: "bad" }), finding({ id: "good" })],
        tellings: [
          ["bad", telling],
          ["good", telling],
        ],
        letters: [letter("bad"), letter("good")],
      });
      await store.unsent("prod", {
        failures: [
          ["bad", failure],
          ["good", failure],
        ],
        outages: [
          ["bad", failure],
          ["good", failure],
        ],
        letters: [],
      });
      const raw = new DatabaseSync(path);
      raw.prepare("UPDATE open_finding SET telling = ? WHERE id = 'bad'").run(value);
      raw.prepare("UPDATE letter SET failure = ? WHERE id = 'bad'").run(value);
      raw.prepare("UPDATE outage SET failure = ? WHERE channel = 'bad'").run(value);
      raw.close();
      expect([...(await store.tellings("prod"))]).toEqual([["good", telling]]);
      expect(await store.letters("prod")).toEqual([letter("bad"), { ...letter("good"), failure }]);
      expect([...(await store.outages("prod"))]).toEqual([["good", failure]]);
      expect((await store.open("prod")).size).toBe(2);
      await store.close();
    },
  );

  it.each(["no JSON", "[]", '{"name":"a.example.com"}', '{"name":"a","from":"rumour","trust":"confirmed","why":"w"}'])(
    "a name that is %s is looked for again",
    async (value) => {
      const path = fresh();
      const store = sqlite(path);
      const name = { name: "a.example.com", from: "ptr", trust: "confirmed", why: "w" } as const;
      const one = sighting("one", { name, namedAt: 5 });
      await store.remember("prod", {
        ...nothingNew({ end: 1, learningSince: null, judgedUntil: null }),
        sightings: [one],
      });
      const raw = new DatabaseSync(path);
      raw.prepare("UPDATE sighting SET name = ?").run(value);
      raw.close();
      expect((await store.recall("prod")).get("one")).toEqual(sighting("one"));
      await store.close();
    },
  );
});
