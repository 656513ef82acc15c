/** Runs and plans on demand, made in the process: one at a time, whatever comes of it. */
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { limited } from "../../lib/api/limit.ts";
import type { ScanOrder } from "../../lib/api/parts.ts";
import { oneAtATime } from "../../lib/api/plans.ts";
import { type InProcess, inProcess } from "../../lib/api/scans.ts";
import { ScoutError } from "../../lib/errors.ts";
import type { AskedRun } from "../../lib/model.ts";
import type { Planned } from "../../lib/plan.ts";
import { openStore } from "../../lib/remember/index.ts";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";
import { tempFolder } from "../tools/temp.ts";
import { now } from "./make.ts";

const folder = tempFolder("scans");
afterAll(() => folder.remove());
let count = 0;

const order = (over: Partial<ScanOrder> = {}): ScanOrder => ({
  ...{ cluster: "prod", at: null, since: null, dryRun: false, by: "api", replyTo: null },
  ...over,
});
const document: ScanDocument = {
  schema: "egress-scout/scan@1",
  run: {
    ...{ id: "r", cluster: "prod", mode: "watch", from: "", to: "", queries: 1, series: 2, observations: 2, known: 2 },
    ...{ blind: [], warnings: [] },
  },
  findings: [],
};

/** Scans that end when a test says so. */
async function begin(over: Partial<InProcess> = {}) {
  count += 1;
  const state = `sqlite:${join(folder.path, `${count}.db`)}`;
  const store = await openStore(state);
  onTestFinished(() => store.close());
  const ends: { resolve: (document: ScanDocument) => void; reject: (error: Error) => void }[] = [];
  const told: [string, AskedRun][] = [];
  const quiet = () => {};
  const parts: InProcess = {
    store: async () => store,
    scan: () => new Promise((resolve, reject) => ends.push({ resolve, reject })),
    tell: async (replyTo, run) => void told.push([replyTo, run]),
    now: () => now,
    log: { error: quiet, warn: quiet, info: quiet, debug: quiet, progress: quiet },
    ...over,
  };
  return { scans: inProcess(parts), store, ends, told, parts };
}

describe("runs in the process", () => {
  it("one of a cluster at a time, and clusters side by side", async () => {
    const { scans, ends } = await begin();
    const first = await scans.ask(order());
    expect(first).toMatchObject({ state: "running", by: "api", at: now });
    expect(await scans.ask(order())).toBeNull();
    expect(await scans.ask(order({ cluster: "stage" }))).toMatchObject({ cluster: "stage" });
    expect(ends).toHaveLength(2);
    ends[0]?.resolve(document);
    ends[1]?.resolve(document);
    await scans.idle();
    expect(await scans.find(first?.id ?? "")).toMatchObject({ state: "done", document: JSON.stringify(document) });
    expect((await scans.ask(order()))?.id).not.toBe(first?.id);
    ends[2]?.resolve(document);
    await scans.idle();
  });

  it("one that fails says why, and whoever waits in Slack is told; what is our fault is told by its code", async () => {
    const { scans, ends, told } = await begin();
    const first = await scans.ask(order({ replyTo: "https://hooks.slack.com/x" }));
    ends[0]?.reject(new ScoutError("prometheus/timeout", "it took too long", { mend: "wait" }));
    await scans.idle();
    const fault = { code: "prometheus/timeout", message: "it took too long; wait" };
    expect(told).toMatchObject([["https://hooks.slack.com/x", { id: first?.id, state: "failed", fault }]]);
    expect(await scans.find(first?.id ?? "")).toMatchObject({ state: "failed", fault, document: null });
    const second = await scans.ask(order());
    ends[1]?.reject(new TypeError("of /home/ada/secret"));
    await scans.idle();
    expect(await scans.find(second?.id ?? "")).toMatchObject({
      fault: { code: "internal", message: "the log says more" },
    });
  });

  it("one that another process makes stands in the way, and one whose process has ended does not", async () => {
    const { scans, ends, store, parts } = await begin();
    const left = await scans.ask(order());
    const next = inProcess(parts);
    expect(await next.find(left?.id ?? "")).toMatchObject({ state: "failed", fault: { code: "interrupted" } });
    const lease = await store.lease("prod", 0);
    expect(await next.find(left?.id ?? "")).toMatchObject({ state: "running" });
    expect(await next.ask(order())).toBeNull();
    await lease.release();
    expect(await next.ask(order())).not.toBeNull();
    for (const one of ends) one.resolve(document);
    await Promise.all([scans.idle(), next.idle()]);
  });

  it("one that goes on when the process has to end is told as broken off", async () => {
    const { scans, ends } = await begin();
    const run = await scans.ask(order());
    await scans.abandon();
    expect(await scans.find(run?.id ?? "")).toMatchObject({ state: "failed", fault: { code: "interrupted" } });
    ends[0]?.resolve(document);
    await scans.idle();
  });

  it("a store that is away is told, and in nobody's way once it is back", async () => {
    let isAway = true;
    const { parts, ends } = await begin();
    const scans = inProcess({
      ...parts,
      store: async () => {
        if (isAway) throw new ScoutError("store/unavailable", "it is away");
        return await parts.store();
      },
    });
    await expect(scans.ask(order())).rejects.toMatchObject({ code: "store/unavailable" });
    isAway = false;
    expect(await scans.ask(order())).not.toBeNull();
    ends[0]?.resolve(document);
    await scans.idle();
  });
});

describe("plans in the process", () => {
  const planned: Planned = {
    ...{ cluster: "prod", window: { from: 0, to: 1 }, flows: [], namespaces: [], conflicts: [], manifests: [] },
    ...{ unused: [], wide: [], blocked: 0, blind: [], warnings: [], unsureOwners: null },
  };

  it("one of a cluster at a time: who asks the same shares it, who asks another is told to wait; for a minute it is given again", async () => {
    let time = 0;
    const makes: { resolve: (planned: Planned) => void; reject: (error: Error) => void }[] = [];
    const plans = oneAtATime(
      () => new Promise((resolve, reject) => makes.push({ resolve, reject })),
      () => time,
    );
    const both = [plans.plan("prod", null), plans.plan("prod", null)];
    expect(await plans.plan("prod", { back: 1000 })).toBeNull();
    const other = plans.plan("stage", null);
    expect(makes).toHaveLength(2);
    for (const one of makes) one.resolve(planned);
    expect(await Promise.all([...both, other])).toEqual([planned, planned, planned]);
    time = 59_999;
    expect(await plans.plan("prod", null)).toBe(planned);
    expect(makes).toHaveLength(2);
    time = 60_000;
    const again = plans.plan("prod", null);
    expect(makes).toHaveLength(3);
    makes[2]?.reject(new ScoutError("prometheus/timeout", "it took too long"));
    await expect(again).rejects.toMatchObject({ code: "prometheus/timeout" });
    const after = plans.plan("prod", { back: 1000 });
    makes[3]?.resolve(planned);
    expect(await after).toBe(planned);
  });
});

describe("a limit of requests", () => {
  it("fills again as time goes by, for each alone", () => {
    let time = 0;
    const limit = limited(60, () => time);
    for (let index = 0; index < 60; index++) expect(limit.take("ada")).toBeNull();
    expect(limit.take("ada")).toBe(1);
    expect(limit.take("eve")).toBeNull();
    time = 999;
    expect(limit.take("ada")).toBe(1);
    time = 1_000;
    expect(limit.take("ada")).toBeNull();
    expect(limit.take("ada")).toBe(1);
    // A clock that is set back takes nothing away.
    time = 0;
    expect(limit.take("ada")).toBe(1);
  });

  it("forgets who has not asked for longest, not who asks too often", () => {
    const limit = limited(2, () => 0);
    limit.take("often");
    for (let index = 0; index < 30_000; index++) {
      limit.take(`somebody ${index}`);
      limit.take("often");
    }
    expect(limit.take("often")).toBe(30);
  });
});
