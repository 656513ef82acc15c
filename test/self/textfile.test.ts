import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failedMetrics, ownMetrics } from "../../lib/report/self.ts";
import { lastSuccessIn, merged } from "../../lib/self/merge.ts";
import { writeTextfile } from "../../lib/self/textfile.ts";
import { told } from "../report/make.ts";
import { ensureTools, toolPath } from "../tools/ensure.ts";
import { tempFolder } from "../tools/temp.ts";

const span = { startedAt: 1_700_000_000_000, endedAt: 1_700_000_001_000 };
const success = (cluster: string, change: Parameters<typeof told>[0] = {}) =>
  ownMetrics(told({ cluster, newest: span.endedAt, ...change }), span, ["slack"]);
const failure = (cluster: string) => failedMetrics(cluster, "store/busy", { ...span, endedAt: span.endedAt + 60_000 });
const promtool = (input: string) =>
  execFileSync(toolPath("promtool"), ["check", "metrics"], { input, encoding: "utf8", stdio: "pipe" });
const withIn = (text: string, ...parts: string[]) =>
  text.split("\n").filter((line) => parts.every((part) => line.includes(part)));

describe("a textfile that clusters share", () => {
  beforeAll(() => ensureTools(["promtool"]));

  it("keeps what others told, and of a cluster that failed the last success", () => {
    let text = merged("", success("a"), "a", true);
    text = merged(text, success("b"), "b", true);
    text = merged(text, failure("a"), "a", false);
    expect(lastSuccessIn(text, "a")).toBe(1_700_000_001);
    expect(withIn(text, "run_failed{")).toEqual([
      'egress_scout_run_failed{cluster="a",code="store/busy"} 1',
      'egress_scout_run_failed{cluster="b"} 0',
    ]);
    expect(withIn(text, "run_end_timestamp_seconds{")).toHaveLength(2);
    expect(promtool(text)).toBe("");
    const mended = merged(text, success("a", { newest: null }), "a", true);
    expect(withIn(mended, "run_failed{", 'cluster="a"')).toEqual(['egress_scout_run_failed{cluster="a"} 0']);
    expect(withIn(mended, "data_age", 'cluster="a"')).toEqual([]);
    expect(promtool(mended)).toBe("");
  });

  it("is the same whoever comes first, for clusters of any name", () => {
    const name = fc.oneof(
      fc.string({ unit: "binary", minLength: 1 }),
      fc.constantFrom('a"', "a\\", "a\n", 'a",b="c', "a"),
    );
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 4 }), (names) => {
        const clusters = [...new Set(names.map((one) => one.toWellFormed()))];
        let text = "";
        for (const one of [...clusters, ...clusters]) text = merged(text, success(one), one, true);
        expect(withIn(text, "run_series{")).toHaveLength(clusters.length);
        for (const one of clusters) expect(lastSuccessIn(text, one)).toBe(1_700_000_001);
        expect(lastSuccessIn(text, `${clusters[0]}x!`)).toBeNull();
      }),
      { numRuns: 50 },
    );
  });

  it("mends a damaged file, and takes nothing of it that it does not know", () => {
    const damaged = 'evil_metric 1\negress_scout_run_series{cluster="x"\negress_scout_foo{cluster="x"} 1\n\0\0half';
    const text = merged(damaged, success("a"), "a", true);
    expect(text).toBe(merged("", success("a"), "a", true));
  });
});

describe("writing it", () => {
  const folder = tempFolder("textfile");
  afterAll(() => folder.remove());

  it("can be read by all, is put there whole, and leaves nothing beside it", async () => {
    const path = join(folder.path, "new", "egress-scout.prom");
    const umask = process.umask(0o077);
    try {
      await writeTextfile(path, success("a"), "a", true);
    } finally {
      process.umask(umask);
    }
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(readdirSync(join(folder.path, "new"))).toEqual(["egress-scout.prom"]);
  });

  it("by many at once loses nobody's", async () => {
    const path = join(folder.path, "many.prom");
    const names = Array.from({ length: 12 }, (_, n) => `cluster-${n}`);
    await Promise.all(names.map((name) => writeTextfile(path, success(name), name, true)));
    const text = readFileSync(path, "utf8");
    expect(names.filter((name) => lastSuccessIn(text, name) === null)).toEqual([]);
  });

  it("goes on where a process that was killed left its lock", async () => {
    const path = join(folder.path, "killed.prom");
    writeFileSync(join(folder.path, ".killed.prom.lock"), "");
    await writeTextfile(path, success("a"), "a", true);
    expect(lastSuccessIn(readFileSync(path, "utf8"), "a")).toBe(1_700_000_001);
    expect(readdirSync(folder.path)).not.toContain(".killed.prom.lock");
  });

  it("where it cannot be written is an error, and the old file stays", async () => {
    await expect(writeTextfile(join(folder.path, "many.prom", "below"), success("a"), "a", true)).rejects.toThrow();
    expect(lastSuccessIn(readFileSync(join(folder.path, "many.prom"), "utf8"), "cluster-3")).toBe(1_700_000_001);
  });
});
