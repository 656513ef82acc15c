/** `verdict` and `report` as a user runs them, with scans of a real Prometheus. */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportSchema } from "../../lib/report/inventory.ts";
import { type FindingDocument, type ScanDocument, scanSchema } from "../../lib/report/scan-schema.ts";
import { verdictsSchema } from "../../lib/report/verdicts.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { slackReceiver, slackUrl } from "../receivers/slack.ts";
import { toolPath } from "../tools/ensure.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { command, runScout } from "./run-scout.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
// A past that ended a moment ago: `--for` counts from now, and scans of later times see its end.
const end = Math.floor(Date.now() / minute) * minute - minute;
const begin = end - 70 * minute;
const learned = begin + 30 * minute;
const found = begin + 40 * minute;

let held: HeldPast;
let slack: Receiver;
let made = 0;

beforeAll(async () => {
  held = await holdPast(
    (mesh, timetable) => {
      const web = mesh.pod({ namespace: "shop", workload: "web" });
      const job = mesh.pod({ namespace: "batch", workload: "job" });
      timetable.every({ from: begin + minute, to: end, everyMs: minute }, () => {
        web.tls({ sni: "en.wikipedia.org", to: "198.51.100.1:443" });
      });
      timetable.at(learned + 3 * minute, () => web.http({ host: "new.example.com", to: "198.51.100.2:80" }));
      timetable.at(found + 5 * minute, () => web.http({ host: "new.example.com", to: "198.51.100.2:80", times: 3 }));
      timetable.at(learned + 4 * minute, () => job.tcp({ to: "203.0.113.20:5432" }));
    },
    { from: begin, to: end, everyMs: 15_000 },
  );
  slack = await slackReceiver();
});
afterAll(async () => {
  await slack.close();
  await held.stop();
});

const begun = new Map<string, { state: string; findings: FindingDocument[] }>();

/** A set-up of its own: config, state, and a scan that has learned and one that has found. */
async function setUp(policies = "", verdicts: string | null = null) {
  const name = `set-up-${++made}`;
  const path = (file: string) => join(held.dir, `${name}-${file}`);
  const file = (text: string) => writeFileSync(path("verdicts.yaml"), text);
  if (verdicts !== null) file(verdicts);
  writeFileSync(
    path("config.yaml"),
    `clusters: [{ name: prod, prometheus: { url: "${held.prometheus.url}" } }]
owners: [{ team: shop, channels: [slack] }]
channels: { slack: { slack: { webhook: { env: SLACK } } } }
enrich: { dns: { servers: ["127.0.0.1:1"] } }
state: sqlite:${name}.db
${policies}${verdicts === null ? "" : `verdicts: ./${name}-verdicts.yaml\n`}`,
  );
  const env = { SLACK: slackUrl(slack), USER: "ada", TZ: "America/New_York" };
  const run = (args: string[], more: Record<string, string> = {}) =>
    runScout([...args, "--config", path("config.yaml")], { env: { ...env, ...more } });
  const scan = async (at: number): Promise<ScanDocument> => {
    const { code, stdout, stderr } = await run([
      "scan",
      "--format",
      "json",
      "--at",
      String(at / 1000),
      "--learn",
      "1h",
    ]);
    if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
    return scanSchema.parse(JSON.parse(stdout));
  };
  const list = async () =>
    verdictsSchema.parse(JSON.parse((await run(["verdict", "list", "--format", "json"])).stdout));
  // Two scans that would be the same are made once.
  const same = policies + (verdicts?.includes("id") ? verdicts : "");
  const state = join(held.dir, `${name}.db`);
  const before = begun.get(same);
  if (before !== undefined) copyFileSync(before.state, state);
  else await scan(learned);
  const findings = before?.findings ?? (await scan(found)).findings;
  if (before === undefined) begun.set(same, { state: `${state}-copy`, findings });
  if (before === undefined) copyFileSync(state, `${state}-copy`);
  return { run, scan, list, file, path, findings };
}
const at = (findings: readonly FindingDocument[], place: string): FindingDocument => {
  const one = findings.find(({ destination: { host, address } }) => (host ?? address) === place);
  if (one === undefined) throw new Error(`nothing about ${place} among ${findings.length}`);
  return one;
};
const brief = ({ findings }: ScanDocument) =>
  findings.map(({ severity, state, destination: { host }, notified }) =>
    [state, severity, host, ...notified.map(({ reason, ok }) => `${reason} ${ok}`)].join(" "),
  );

describe("verdict set, list and clear", () => {
  it("keeps what was decided, for as long as was said, and takes it back", async () => {
    const { run, list, findings } = await setUp();
    const [one, two] = [at(findings, "new.example.com"), at(findings, "203.0.113.20")];
    const before = Date.now();
    expect(await run(["verdict", "set", one.id, "snoozed", "--for", "3d", "--reason", "the new CDN"])).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(
        new RegExp(
          `^${one.id} \\(new-destination of shop/web to new\\.example\\.com:80\\): snoozed, until 20.* UTC\\.\n$`,
        ),
      ),
    });
    expect((await run(["verdict", "set", two.id, "denied", "--by", "bob"])).stdout).toBe(
      `${two.id} (new-destination of batch/job to 203.0.113.20:5432): denied, without end.\n`,
    );
    const { verdicts } = await list();
    expect(verdicts).toMatchObject([
      { id: one.id, verdict: "snoozed", reason: "the new CDN", by: "ada" },
      { id: two.id, verdict: "denied", reason: null, by: "bob", until: null },
    ]);
    const [{ until, at: since } = { until: null, at: null }] = verdicts;
    expect(Date.parse(since ?? "")).toBeGreaterThanOrEqual(before);
    expect(Date.parse(until ?? "") - Date.parse(since ?? "")).toBe(3 * day);
    const { stdout } = await run(["verdict", "list"]);
    expect(stdout.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^ID +VERDICT +UNTIL +FROM +BY +ON +REASON$/),
      expect.stringMatching(
        new RegExp(`^${one.id}  snoozed  20.* UTC \\(in 3d\\)  state  ada  new-destination of .*  the new CDN$`),
      ),
      expect.stringMatching(new RegExp(`^${two.id}  denied .*203\\.0\\.113\\.20:5432 +-$`)),
    ]);
    expect(await run(["verdict", "set", one.id, "expected"])).toMatchObject({ code: 0 });
    expect((await list()).verdicts.map(({ id, verdict }) => [id, verdict])).toEqual([
      [two.id, "denied"],
      [one.id, "expected"],
    ]);
    expect((await run(["verdict", "clear", one.id])).code).toBe(0);
    expect(await run(["verdict", "clear", one.id])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: `egress-scout: usage: there is no verdict on ${one.id}; \`egress-scout verdict list\` has them all\n`,
    });
    expect((await list()).verdicts.map(({ id }) => id)).toEqual([two.id]);
  });

  it("a snooze is for a week where nobody says how long", async () => {
    const { run, list, findings } = await setUp();
    await run(["verdict", "set", at(findings, "new.example.com").id, "snoozed"]);
    const [one] = (await list()).verdicts;
    expect(Date.parse(one?.until ?? "") - Date.parse(one?.at ?? "")).toBe(7 * day);
  });

  it("refuses an id that nobody has, unless forced, and what it does not understand: exit 2", async () => {
    const { run, list, findings } = await setUp();
    const { id } = at(findings, "new.example.com");
    expect(await run(["verdict", "set", "0123", "denied"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(
        /^egress-scout: usage: no finding 0123 is known here; copy the id .* --force .*\n$/,
      ),
    });
    for (const args of [
      ["set"],
      ["set", id],
      ["set", id, "fine"],
      ["set", id, "denied", "--for", "soon"],
      ["set", id, "denied", "--for", "0s"],
      ["set", id, "denied", "--for", "9000y"],
      ["set", id, "denied", "--reason", "x".repeat(501)],
      ["set", "a b", "denied", "--force"],
      ["list", "--format", "yaml"],
      ["clear"],
      ["forget", id],
    ]) {
      expect({ args, ...(await run(["verdict", ...args])) }).toMatchObject({ code: 2, stdout: "" });
    }
    expect((await list()).verdicts).toEqual([]);
    expect(await run(["verdict", "set", "0123", "denied", "--force"])).toMatchObject({
      code: 0,
      stdout: "0123 (not known here): denied, without end.\n",
    });
    const elsewhere = await runScout(["verdict", "set", id, "denied", "--state", "sqlite:none.db"], { cwd: held.dir });
    expect(elsewhere).toMatchObject({ code: 2, stderr: expect.stringContaining("no finding") });
    expect(existsSync(join(held.dir, "none.db"))).toBe(false);
  });

  it("a state file that is none: exit 1, one line, and the file stays as it is", async () => {
    const path = join(held.dir, "broken.db");
    writeFileSync(path, "no database, for certain ".repeat(100));
    for (const args of [["verdict", "list"], ["verdict", "set", "0123", "denied", "--force"], ["report"]]) {
      const { code, stdout, stderr } = await runScout([...args, "--state", `sqlite:${path}`], { cwd: held.dir });
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^egress-scout: store\/corrupt: .*\n$/);
    }
    expect(readFileSync(path, "utf8")).toMatch(/^no database/);
  });

  it("needs no config where the state is named, and takes options from the environment", async () => {
    const { findings, path } = await setUp();
    const { id } = at(findings, "new.example.com");
    const env = { EGRESS_SCOUT_STATE: `sqlite:${join(held.dir, `set-up-${made}.db`)}`, EGRESS_SCOUT_BY: "eve" };
    const cwd = join(held.dir, "..");
    expect(existsSync(path("config.yaml"))).toBe(true);
    expect((await runScout(["verdict", "set", id, "denied"], { cwd, env })).code).toBe(0);
    const { stdout } = await runScout(["verdict", "list", "--format", "json"], { cwd, env });
    expect(JSON.parse(stdout).verdicts).toMatchObject([{ id, verdict: "denied", by: "eve" }]);
  });

  it("what it lists may be the reviewed file, which then wins and is not written to", async () => {
    const { run, list, findings, file, path } = await setUp("", "");
    const { id } = at(findings, "new.example.com");
    await run(["verdict", "set", id, "expected", "--reason", "ours: it's # fine"]);
    const text = `# reviewed\n${(await run(["verdict", "list", "--format", "json"])).stdout}`;
    file(text);
    await run(["verdict", "clear", id]);
    expect((await list()).verdicts).toMatchObject([
      { id, verdict: "expected", reason: "ours: it's # fine", by: "ada" },
    ]);
    const set = await run(["verdict", "set", id, "denied"]);
    expect(set).toMatchObject({ code: 0, stderr: expect.stringMatching(/says expected of .* the file wins/) });
    expect((await list()).verdicts).toMatchObject([{ id, verdict: "expected" }]);
    expect((await run(["verdict", "list"])).stdout).toMatch(new RegExp(`${id}  expected  - +file`));
    expect((await run(["verdict", "clear", id])).stderr).toContain("the file wins");
    expect(await run(["verdict", "clear", id])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("take it out there"),
    });
    expect(readFileSync(path("verdicts.yaml"), "utf8")).toBe(text);
  });
});

describe("verdict set --write-file", () => {
  it("puts it into the reviewed file, and not into the state; comments stay", async () => {
    const { run, list, findings, path } = await setUp("", "# ours\nverdicts: []\n");
    const { id } = at(findings, "new.example.com");
    expect(await run(["verdict", "set", id, "denied", "--write-file"])).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(path("verdicts.yaml"), "utf8")).toMatch(new RegExp(`^# ours\\n[^]*${id}[^]*denied[^]*ada`));
    expect((await list()).verdicts).toMatchObject([{ id, verdict: "denied", by: "ada" }]);
    expect((await run(["verdict", "clear", id])).code).toBe(2);
    expect((await run(["verdict", "set", "0123", "denied", "--write-file"])).code).toBe(2);
    const without = await setUp();
    const refused = await without.run(["verdict", "set", id, "denied", "--write-file"]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("the config has no file of verdicts") });
  });
});

describe("scans with verdicts", () => {
  const policies = 'policies: [{ name: "no wiki", deny: ["en.wikipedia.org"] }]\n';

  it("denied: the next call is critical and told as changed, without a manifest", async () => {
    const { run, scan, findings } = await setUp();
    const { id, suggestions } = at(findings, "new.example.com");
    expect(suggestions).not.toEqual([]);
    await run(["verdict", "set", id, "denied", "--reason", "leak"]);
    const again = await scan(end);
    expect(brief(again)).toEqual(["open critical new.example.com changed true"]);
    expect(again.findings).toMatchObject([
      { id, count: 3, suggestions: [], verdict: { verdict: "denied", by: "ada", reason: "leak", until: null } },
    ]);
    expect(again.findings[0]?.summary).toContain(
      'again, though it was denied by ada ("leak"): 3 requests, let through.',
    );
    expect(slack.taken.at(-1)).toContain("though it was denied by ada");
    expect((await scan(end)).findings).toEqual([]);
  });

  it("the file wins: what it expects is no alarm, whatever was set by command", async () => {
    const { run, scan, findings, file } = await setUp("", "");
    const { id } = at(findings, "new.example.com");
    file(`verdicts: [{ id: ${id}, verdict: expected }]`);
    expect((await run(["verdict", "set", id, "denied"])).code).toBe(0);
    expect((await scan(end)).findings).toEqual([]);
    file("verdicts: []");
    expect(brief(await scan(end + minute))).toEqual([]);
    const other = await setUp("", "");
    await other.run(["verdict", "set", id, "expected"]);
    other.file(`verdicts: [{ id: ${id}, verdict: denied }]`);
    expect(brief(await other.scan(end))).toEqual(["open critical new.example.com changed true"]);
  });

  it("a verdict of the file silences what the next run finds, and fails no pipeline; the text says so", async () => {
    const { findings } = await setUp();
    const ids = findings.map(({ id }) => id);
    expect(ids).toHaveLength(2);
    const silent = await setUp(
      "",
      JSON.stringify({ verdicts: ids.map((id) => ({ id, verdict: "expected", by: "git" })) }),
    );
    expect(silent.findings.map(({ verdict, notified }) => [verdict?.verdict, notified])).toEqual([
      ["expected", []],
      ["expected", []],
    ]);
    const window = ["--no-learn", "--since", "10m", "--at", String(found / 1000), "--state", "memory:"];
    const { code, stdout } = await silent.run(["scan", ...window, "--fail-on-findings"]);
    expect(stdout).toMatch(/1 new, 2 silenced by verdicts, .*[\s\S]*\n {2}silenced: expected by "git"\n/);
    expect(code).toBe(3);
    const wiki = /\[([0-9a-f]{32})\]/.exec(/^- .*en\.wikipedia\.org.*$/m.exec(stdout)?.[0] ?? "")?.[1] ?? "";
    silent.file(JSON.stringify({ verdicts: [...ids, wiki].map((id) => ({ id, verdict: "expected" })) }));
    expect((await silent.run(["scan", ...window, "--fail-on-findings"])).code).toBe(0);
  });

  it("snoozed: silent while it lasts, and the end is told once", async () => {
    const { run, scan, findings } = await setUp(policies);
    const violation = at(findings, "en.wikipedia.org");
    const job = at(findings, "203.0.113.20");
    await run(["verdict", "set", violation.id, "snoozed", "--for", "1h", "--reason", "moving"]);
    await run(["verdict", "set", job.id, "approved", "--for", "2h"]);
    expect((await scan(end)).findings).toEqual([]);
    const later = await scan(end + 3 * hour);
    expect(later.findings.filter(({ kind }) => kind === "new-destination")).toMatchObject([
      { id: job.id, notified: [{ channel: "slack", reason: "changed", ok: true }] },
    ]);
    expect(at(later.findings, "203.0.113.20").summary).toMatch(
      /^The verdict "approved" by ada on new-destination of batch\/job to 203\.0\.113\.20:5432 ended at/,
    );
    // Nobody calls any more by then: what was silenced is over, and nobody heard of it.
    expect(at(later.findings, "en.wikipedia.org")).toMatchObject({ state: "resolved", notified: [] });
    expect((await scan(end + 4 * hour)).findings.filter(({ kind }) => kind !== "blind")).toEqual([]);
  });

  it("a file that cannot be understood stops the scan before it asks: exit 2, every mistake", async () => {
    const { run, file, findings } = await setUp("", "");
    file(`verdicts: [{ id: ${findings[0]?.id}, verdict: fine }, { verdict: denied, until: soon }]`);
    const { code, stderr } = await run(["scan"]);
    expect([code, stderr.split("\n").length]).toEqual([2, 5]);
    expect((await run(["verdict", "list"])).code).toBe(2);
    expect((await run(["report"])).code).toBe(2);
  });
});

describe("report", () => {
  it("has all that is remembered, what was decided, and how many findings were worth a message", async () => {
    const { run, findings } = await setUp();
    const one = at(findings, "new.example.com");
    await run(["verdict", "set", one.id, "denied"]);
    await run(["verdict", "set", at(findings, "203.0.113.20").id, "expected"]);
    const { code, stdout } = await run(["report", "--format", "json"]);
    expect(code).toBe(0);
    const { clusters, verdicts } = reportSchema.parse(JSON.parse(stdout));
    const [cluster] = clusters;
    expect(cluster?.namespaces.map(({ namespace, sightings }) => [namespace, sightings.length])).toEqual([
      ["batch", 1],
      ["shop", 2],
    ]);
    const all = cluster?.namespaces.flatMap(({ sightings }) => sightings) ?? [];
    expect(all.find(({ destination: { host } }) => host === "new.example.com")).toMatchObject({
      id: one.id,
      source: { namespace: "shop", workload: "web" },
      count: 1,
      firstSeen: one.firstSeen,
      verdict: { verdict: "denied" },
    });
    expect(all.find(({ destination: { host } }) => host === "en.wikipedia.org")).toMatchObject({ verdict: null });
    expect(cluster).toMatchObject({ cluster: "prod", lastRun: new Date(found).toISOString() });
    expect(cluster?.precision).toEqual([
      { kind: "new-destination", team: "shop", told: 2, worth: 1, noise: 1, snoozed: 0, unjudged: 0, share: 0.5 },
    ]);
    expect(verdicts).toHaveLength(2);
    const text = (await run(["report"])).stdout;
    expect(text).toMatch(
      /^prod: 3 destinations of 2 workloads; the last run ended at .* UTC \(.* ago\)\.\n\nNAMESPACE +WORKLOADS +DESTINATIONS +BLOCKED +NEWEST\nshop +1 +2 +0 .* ##########\nbatch +1 +1 +0 .* #####\n\nbatch\nWORKLOAD /,
    );
    expect(text).toMatch(/\nnew-destination +shop +2 +1 +1 +0 +0 +50 %\n/);
    expect(text).toMatch(/^[ -~\n]+$/);
    expect((await run(["report"])).stdout.split("\n").length).toBe(text.split("\n").length);
  });

  it("a reader that has seen enough is no error, and help has examples", async () => {
    const { path } = await setUp();
    const line = `"${process.execPath}" "${command}" report --config "${path("config.yaml")}" | head -n 1; echo "$?"`;
    const { stdout, stderr } = spawnSync("/bin/sh", ["-c", line], {
      encoding: "utf8",
      env: { SLACK: "http://x.invalid" },
    });
    expect([stdout, stderr]).toEqual([expect.stringMatching(/^prod: 3 destinations .*\n0\n$/), ""]);
    for (const args of [["report"], ["verdict"], ["verdict", "set"]]) {
      const help = await runScout([...args, "--help"]);
      expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining("Examples:") });
    }
  });

  it("as metrics is what promtool takes", async () => {
    const { run, findings } = await setUp();
    await run(["verdict", "set", at(findings, "new.example.com").id, "approved"]);
    const { stdout } = await run(["report", "--format", "metrics"]);
    expect(stdout).toContain(
      'egress_scout_told_findings{cluster="prod",kind="new-destination",team="shop",judged="worth"} 1\n',
    );
    expect(stdout).toContain('egress_scout_precision_ratio{cluster="prod",kind="new-destination",team="shop"} 1\n');
    execFileSync(toolPath("promtool"), ["check", "metrics"], { input: stdout, stdio: ["pipe", "pipe", "pipe"] });
  });

  it("says so where nothing is remembered, and makes no state file", async () => {
    const options = { cwd: held.dir };
    expect(await runScout(["report", "--state", "sqlite:nothing.db"], options)).toMatchObject({
      code: 0,
      stdout: "Nothing is remembered yet.\n",
    });
    expect(existsSync(join(held.dir, "nothing.db"))).toBe(false);
    expect(await runScout(["report", "--state", "sqlite:nothing.db", "--cluster", "prod"], options)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing is remembered of a cluster "prod"'),
    });
    expect(await runScout(["verdict", "list", "--state", "memory:"], options)).toMatchObject({
      stdout: "No verdicts.\n",
    });
  });

  it("`schema` knows what report and verdict list print", async () => {
    for (const what of ["report", "verdicts"]) {
      const { stdout } = await runScout(["schema", what]);
      expect(JSON.parse(stdout).properties.schema).toEqual({
        const: expect.stringContaining(`egress-scout/${what}@1`),
        type: "string",
      });
    }
  });
});
