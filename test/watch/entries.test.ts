/** Calls past an entry in force, over whole runs: told once with the likely cause, and never where the entry is not at work yet. */
import { describe, expect, it } from "vitest";
import type { ExistingObject } from "../../lib/model.ts";
import { day, hour, minute, noon, requested, world } from "../scout-make.ts";

const host = "api.example.com";
const iso = (time: number) => new Date(time).toISOString();

function entry(created: number | null, change: object = {}): ExistingObject {
  const object = {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: "api", namespace: "shop", ...(created === null ? {} : { creationTimestamp: iso(created) }) },
    spec: {
      hosts: [host],
      ports: [{ number: 80, name: "http", protocol: "HTTP" }],
      resolution: "DNS",
      exportTo: ["*"],
      ...change,
    },
  };
  return { object, file: "mesh.yaml", document: 0 };
}

/** One that calls at those times; known since long. */
function mesh(...calls: number[]) {
  const one = world(requested(host, [noon - 2 * hour, ...calls]));
  return { ...one, first: () => one.run(noon) };
}
const every = (from: number, to: number, step: number) =>
  Array.from({ length: Math.floor((to - from) / step) }, (_, n) => from + n * step);

describe("a known destination", () => {
  it("that goes past an entry in force is told, with the cause, once, and with no manifest", async () => {
    const one = mesh(...every(noon, noon + hour, minute));
    await one.first();
    one.parts.objects = [entry(noon - day)];
    const [scan, next] = [await one.run(noon + 5 * minute), await one.run(noon + 10 * minute)];
    expect(scan.findings).toMatchObject([
      { kind: "entry-bypassed", severity: "warning", count: 5, suggestions: [], destination: { host } },
    ]);
    expect(scan.findings[0]?.summary).toBe(
      `shop/web to ${host}:80 (HTTP): 5 requests went through the catch-all all the same, though a ServiceEntry takes them: Host ${host} is ${host} of shop/api on port 80. Likely causes: it was applied after these calls, or connections from before it go on; the proxy has not got it (istioctl proxy-status); a Sidecar that is not among the manifests given hides it.`,
    );
    expect(scan.findings[0]?.noSuggestion).toBe("The entry is in force: another would not help.");
    expect(next.findings).toEqual([]);
    expect((await one.run(noon + 3 * hour)).findings).toEqual([]);
    const over = await one.run(noon + 3 * hour + 5 * minute);
    expect(over.findings).toMatchObject([{ kind: "entry-bypassed", state: "resolved" }]);
  });

  it("is not told of the window in which the entry was made", async () => {
    const one = mesh(...every(noon, noon + 3 * minute, 20_000));
    await one.first();
    one.parts.objects = [entry(noon + 2 * minute)];
    expect((await one.run(noon + 5 * minute)).findings).toEqual([]);
  });

  it("is told of later calls in that window", async () => {
    const one = mesh(...every(noon, noon + 30 * minute, 20_000));
    await one.first();
    one.parts.objects = [entry(noon + 2 * minute)];
    expect((await one.run(noon + 15 * minute)).findings).toMatchObject([{ kind: "entry-bypassed" }]);
  });

  it("of an entry whose age nobody knows: by the end of the window", async () => {
    const early = mesh(...every(noon, noon + 2 * minute, 20_000));
    await early.first();
    early.parts.objects = [entry(null)];
    expect((await early.run(noon + 5 * minute)).findings).toEqual([]);
    const still = mesh(...every(noon, noon + 5 * minute, 20_000));
    await still.first();
    still.parts.objects = [entry(null)];
    expect((await still.run(noon + 5 * minute)).findings).toMatchObject([{ kind: "entry-bypassed" }]);
  });

  it.each([
    ["is about another port", entry(0, { ports: [{ number: 443, name: "tls", protocol: "TLS" }] })],
    ["is another namespace's own", entry(0, { exportTo: ["~"] })],
    ["takes it to nobody", entry(0, { resolution: "STATIC" })],
  ])("is left alone where the entry %s", async (_, object) => {
    const one = mesh(...every(noon, noon + hour, minute));
    await one.first();
    one.parts.objects = [object];
    expect((await one.run(noon + 5 * minute)).findings).toEqual([]);
  });
});

it("a new destination that an entry takes is told as new, and not again in the next run", async () => {
  const one = world(requested(host, every(noon + minute, noon + hour, minute)));
  one.parts.objects = [entry(noon - day)];
  await one.run(noon);
  const [scan, next] = [await one.run(noon + 5 * minute), await one.run(noon + 10 * minute)];
  expect(scan.findings).toMatchObject([{ kind: "new-destination", suggestions: [] }]);
  expect(scan.findings[0]?.noSuggestion).toContain("shop/api is in force and takes this call");
  expect(next.findings).toEqual([]);
});

it("of very many a thousand are counted, and the others said", async () => {
  const one = world(
    ...Array.from({ length: 1003 }, (_, n) =>
      requested(`h${n}.example.com`, [noon - hour, noon + minute, noon + 4 * minute]),
    ),
  );
  await one.run(noon);
  one.parts.objects = [entry(noon - day, { hosts: ["*.example.com"], resolution: "NONE" })];
  const { findings, warnings } = await one.run(noon + 5 * minute, { lateNames: false });
  expect(findings.filter(({ kind }) => kind === "entry-bypassed")).toHaveLength(1000);
  expect(warnings).toContain(
    "3 more known destinations go past an entry in force than are counted in one run: they are not told",
  );
});

it("a manifest that cannot be understood is said", async () => {
  const one = mesh(noon + minute);
  await one.first();
  one.parts.objects = [entry(0, { hosts: [] }), ...Array.from({ length: 12 }, () => entry(0, { hosts: null }))];
  const { warnings } = await one.run(noon + 5 * minute);
  expect(warnings[0]).toMatch(/^--existing: ServiceEntry shop\/api is left out: /);
  expect(warnings).toHaveLength(11);
  expect(warnings.at(-1)).toMatch(/^--existing: \d+ more are left out$/);
});

it("without entries no question more is asked, and with one only where a call goes past it", async () => {
  const asked = async (objects: ExistingObject[], calls: number[]) => {
    const one = mesh(...calls);
    await one.first();
    one.parts.objects = objects;
    const before = one.telemetry.questions.length;
    await one.run(noon + 5 * minute);
    return one.telemetry.questions.length - before;
  };
  const calls = every(noon, noon + hour, minute);
  const plain = await asked([], calls);
  expect(await asked([entry(0, { exportTo: ["~"] })], calls)).toBe(plain);
  expect(await asked([entry(0)], calls)).toBeGreaterThan(plain);
});
