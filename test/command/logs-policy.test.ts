/** Policies and the manifests in force over what access logs tell: the SNI that metrics lack, at sidecars and at the egress gateway. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as line from "../observe/logs/make.ts";
import { tempFolder } from "../tools/temp.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { scanJson } from "./run-scout.ts";

const minute = 60_000;
const noon = Date.UTC(2026, 10, 22, 12);
const folder = tempFolder("logs-policy");
let past: HeldPast;

/** Metrics tell addresses and no SNI; `web` calls the same place before and after a first run. */
beforeAll(async () => {
  past = await holdPast(
    (mesh, timetable) => {
      const web = mesh.pod({ namespace: "shop", workload: "web" });
      timetable.every({ from: noon - 20 * minute, to: noon + 40 * minute, everyMs: minute }, () =>
        web.tls({ to: "203.0.113.5:443", sni: "en.wikipedia.org" }),
      );
    },
    { from: noon - 30 * minute, to: noon + 45 * minute, everyMs: 15_000 },
    { sni: false },
  );
  writeFileSync(
    join(folder.path, "config.yaml"),
    `clusters: [{ name: prod, prometheus: { url: "${past.prometheus.url}" } }]
policies: [{ name: wikipedia, from: { namespace: "*" }, allow: ["*.wikipedia.org"], deny: [en.wikipedia.org] }]
suggest: { egressGateway: { namespace: istio-system, selector: { istio: egressgateway } } }
`,
  );
});
afterAll(async () => {
  await past.stop();
  folder.remove();
});

let states = 0;
async function scans(lines: readonly string[], more: readonly string[] = []) {
  const state = `sqlite:${join(folder.path, `state-${states++}.db`)}`;
  const args = (at: number) => [
    ...["--config", join(folder.path, "config.yaml"), "--dns", "127.0.0.1:1", "--state", state],
    ...["--at", `${at / 1000}`],
  ];
  await scanJson([...args(noon), "--learn", "25m"]);
  const scan = (at: number) => scanJson([...args(at), "--logs", "-", ...more], { stdin: lines.join("\n") });
  return [await scan(noon + 10 * minute), await scan(noon + 20 * minute)] as const;
}
const iso = (time: number) => new Date(time).toISOString();
const each = (sni: string, change: Partial<line.Columns> = {}) =>
  Array.from({ length: 20 }, (_, n) =>
    line.tls({
      ...{ start: iso(noon + n * minute + 5000), duration: "20", sni },
      ...{ local: "203.0.113.5:443", upstream: "203.0.113.5:443" },
      ...change,
    }),
  );
const prefixed = (lines: string[], pod: string) => lines.map((text) => `[pod/${pod}/istio-proxy] ${text}`);

describe("a known address whose SNI only the log tells", () => {
  it("violates a policy from the first run on, once, as the log has it", async () => {
    const [first, second] = await scans(prefixed(each("en.wikipedia.org"), "web-7dc8cb9d9b-6hfhg"));
    expect(first.findings).toMatchObject([
      {
        kind: "policy-violation",
        severity: "critical",
        source: { namespace: "shop", workload: "web" },
        destination: { host: "en.wikipedia.org", sni: "en.wikipedia.org", port: 443 },
      },
    ]);
    expect(first.findings[0]?.summary).toContain("denies en.wikipedia.org");
    expect(first.findings[0]?.suggestions[0]?.manifest).toMatchObject({ kind: "AuthorizationPolicy" });
    expect(second.findings).toEqual([]);
  });

  it("may be allowed, and then nothing is said of it", async () => {
    const [first] = await scans(prefixed(each("de.wikipedia.org"), "web-7dc8cb9d9b-6hfhg"));
    expect(first.findings.filter(({ kind }) => kind === "policy-violation")).toEqual([]);
  });

  it("goes past an entry in force: that is told", async () => {
    const manifests = join(folder.path, "manifests");
    mkdirSync(manifests, { recursive: true });
    writeFileSync(
      join(manifests, "wikipedia.yaml"),
      `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: wikipedia, namespace: shop, creationTimestamp: "2026-11-01T00:00:00Z" }
spec: { hosts: ["*.wikipedia.org"], ports: [{ number: 443, name: tls, protocol: TLS }], resolution: NONE, exportTo: ["."] }
`,
    );
    const lines = prefixed(each("de.wikipedia.org"), "web-7dc8cb9d9b-6hfhg");
    const [first, second] = await scans(lines, ["--existing", manifests]);
    expect(first.findings).toMatchObject([{ kind: "entry-bypassed", destination: { host: "de.wikipedia.org" } }]);
    expect(first.findings[0]?.summary).toContain("SNI de.wikipedia.org is *.wikipedia.org of shop/wikipedia");
    expect(second.findings).toEqual([]);
  });
});

describe("the egress gateway's log", () => {
  const lines = prefixed(
    each("en.wikipedia.org", { ...line.gateway, sni: "en.wikipedia.org", upstream: "203.0.113.5:443" }),
    "istio-egressgateway-7dc8cb9d9b-abcde",
  );

  it("shows the SNI that a policy denies, and no ServiceEntry is suggested for what has its way", async () => {
    const [first, second] = await scans(lines);
    const found = first.findings.filter(({ kind }) => kind === "policy-violation");
    expect(found).toMatchObject([{ destination: { host: "en.wikipedia.org" } }]);
    const kinds = first.findings.flatMap(({ suggestions }) => suggestions.map(({ manifest }) => manifest.kind));
    expect(kinds).not.toContain("ServiceEntry");
    expect(second.findings).toEqual([]);
  });
});
