import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";
import * as line from "../observe/logs/make.ts";
import { startLoki } from "../tools/loki.ts";
import { tempFolder } from "../tools/temp.ts";
import type { HeldPast } from "./past.ts";
import { holdPast } from "./past.ts";
import { type RunOptions, runScout, scanJson } from "./run-scout.ts";

const minute = 60_000;
const noon = Date.UTC(2026, 10, 22, 12);
const quarter = noon + 15 * minute;
const folder = tempFolder("logs-command");
let past: HeldPast;

/** A mesh whose metrics tell addresses and no SNI. */
beforeAll(async () => {
  past = await holdPast(
    (mesh, timetable) => {
      const web = mesh.pod({ namespace: "shop", workload: "web" });
      const batch = mesh.pod({ namespace: "shop", workload: "batch" });
      timetable.at(noon - 20 * minute, () => {
        web.tcp({ to: "203.0.113.20:443" });
        batch.http({ host: "known.example.org", to: "198.51.100.9:80" });
      });
      timetable.at(noon + 5 * minute, () => {
        web.tls({ to: "203.0.113.5:443", sni: "api.example.com", times: 4 });
        web.tcp({ to: "203.0.113.20:443" });
        web.tls({ to: "203.0.113.66:443", sni: "blocked.example.com", blocked: true });
      });
    },
    { from: noon - 30 * minute, to: noon + 45 * minute, everyMs: 15_000 },
    { sni: false },
  );
});
afterAll(async () => {
  await past.stop();
  folder.remove();
});

let states = 0;
const fresh = () => {
  states += 1;
  return `sqlite:${join(folder.path, `state-${states}.db`)}`;
};
/** Nobody answers here for names. */
const warnings = ({ run }: ScanDocument) => run.warnings.filter((text) => !text.startsWith("dns: "));

async function scan(
  state: string,
  at: number,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<ScanDocument> {
  const where = [
    "--prometheus",
    past.prometheus.url,
    "--dns",
    "127.0.0.1:1",
    "--state",
    state,
    "--at",
    String(at / 1000),
  ];
  return await scanJson([...where, ...args], options);
}

/** Learned until noon, from the metrics alone. */
async function learned(): Promise<string> {
  const state = fresh();
  await scan(state, noon, ["--learn", "1h"]);
  return state;
}

const iso = (time: number) => new Date(time).toISOString();
const at = iso(noon + 5 * minute);
const to = (address: string): Partial<line.Columns> => ({
  start: at,
  duration: "20",
  local: address,
  upstream: address,
});
const prefix = "[pod/web-7dc8cb9d9b-6hfhg/istio-proxy] ";

/** What the proxy of `web` wrote meanwhile: more than the metrics know. */
const webLines = [
  ...Array.from({ length: 4 }, () => line.tls(to("203.0.113.5:443"))),
  line.tls({ ...to("203.0.113.20:443"), sni: "known-by-address.example.com" }),
  line.tls({ ...to("203.0.113.66:443"), ...line.blackHole, sni: "blocked.example.com" }),
  line.tlsJson({ ...to("203.0.113.99:443"), sni: "logged-only.example.net" }),
  line.http({ start: at, cluster: "outbound|8080||cart.shop.svc.cluster.local", route: "default" }),
];

const told = ({ findings }: ScanDocument): string[] =>
  findings
    .map(
      ({ kind, source, destination: { protocol, host, port }, count }) =>
        `${kind} ${source.namespace}/${source.workload} ${protocol} ${host}:${port} x${count}`,
    )
    .sort();

const expected = [
  "new-blocked shop/web tls blocked.example.com:443 x1",
  "new-destination shop/web tls api.example.com:443 x4",
  "new-destination shop/web tls logged-only.example.net:443 x1",
];

describe("scan --logs", () => {
  it("from stdin: a flow in both counts once, what only logs know is found, and the second run is quiet", async () => {
    const state = await learned();
    const stdin = `${webLines.map((text) => prefix + text).join("\n")}\n`;
    const first = await scan(state, quarter, ["--logs", "-"], { stdin });
    expect(told(first)).toEqual(expected);
    expect(first.run).toMatchObject({ observations: 5, known: 2 });
    expect(warnings(first)).toEqual([]);
    expect(first.findings.find(({ destination }) => destination.host === "api.example.com")).toMatchObject({
      destination: { address: "203.0.113.5", sni: "api.example.com" },
      suggestions: expect.arrayContaining([
        expect.objectContaining({ manifest: expect.objectContaining({ kind: "ServiceEntry" }) }),
      ]),
    });
    expect(told(await scan(state, quarter + 15 * minute, ["--logs", "-"], { stdin }))).toEqual([]);
    expect(told(await scan(state, quarter + 30 * minute))).toEqual([]);
  });

  it("from files, plain and packed, by the kubelet's names, repeatable; junk is one warning", async () => {
    const name = (pod: string) => `${pod}_shop_istio-proxy-${"0a".repeat(32)}.log`;
    const plain = join(folder.path, name("web-7dc8cb9d9b-6hfhg"));
    const packed = join(folder.path, `${name("web-7dc8cb9d9b-zzzzz")}.gz`);
    const cri = webLines.map((text) => `${iso(noon + 5 * minute + 20)} stdout F ${text}`);
    writeFileSync(plain, [...cri.slice(0, 3), "\u0000junk", "{", ""].join("\r\n"));
    writeFileSync(packed, gzipSync(cri.slice(3).join("\n")));
    const scanned = await scan(await learned(), quarter, ["--logs", plain, "--logs", packed]);
    expect(told(scanned)).toEqual(expected);
    expect(warnings(scanned)).toEqual([expect.stringMatching(/ 2 of 5 lines .* such as "\\u0000junk"$/)]);
  });

  it("lines that tell nobody are his who alone calls so, and what is left is said", async () => {
    const scanned = await scan(await learned(), quarter, ["--logs", "-"], { stdin: webLines.join("\n") });
    expect(told(scanned)).toEqual(
      expected.map((text) => text.replace("shop/web tls logged", "unknown/unknown tls logged")),
    );
    expect(scanned.run.blind.join()).toContain("do not tell who called in 1 flow:");
  });

  it("takes ztunnel's log, which is all that ambient has", async () => {
    const stdin = line.ztunnelJson({ time: at, "src.workload": "cart-5577c64d7c-57gzk", "src.namespace": "store" });
    const scanned = await scan(await learned(), quarter, ["--logs", "-"], { stdin });
    const [found] = scanned.findings.filter(({ source }) => source.namespace === "store");
    expect(found).toMatchObject({
      source: { workload: "cart" },
      destination: { address: "203.0.113.142", port: 443, protocol: "tcp" },
    });
  });

  it("asks Loki by the config, and says in the run when it is away; --logs is read in its place", async () => {
    const loki = await startLoki();
    const labels = { container: "istio-proxy", namespace: "shop", pod: "web-7dc8cb9d9b-6hfhg" };
    loki.stored.push(
      ...webLines.map((text, n) => ({ at: BigInt(noon + 5 * minute) * 1_000_000n + BigInt(n), text, labels })),
    );
    const config = join(folder.path, "egress-scout.yaml");
    const cluster = {
      name: "default",
      prometheus: { url: past.prometheus.url },
      logs: { loki: { url: loki.url, timeout: "2s" } },
    };
    writeFileSync(config, JSON.stringify({ clusters: [cluster] }));
    const common = (state: string) => [
      "--config",
      config,
      "--dns",
      "127.0.0.1:1",
      "--state",
      state,
      "--at",
      String(quarter / 1000),
    ];
    try {
      const [good, bad, file] = [await learned(), await learned(), await learned()];
      const found = await scanJson(common(good));
      expect(told(found)).toEqual(expected);
      loki.fault = (response) => Boolean(response.writeHead(400).end("parse error"));
      const away = await scanJson(common(bad));
      expect(away.findings).toHaveLength(2);
      expect(away.run.warnings.join()).toContain("answered 400: parse error");
      expect(away.run.blind.join()).toContain("access logs were not read to their end");
      const asked = loki.asked.length;
      await scanJson([...common(file), "--logs", "-"], { stdin: "" });
      expect(loki.asked).toHaveLength(asked);
    } finally {
      await loki.stop();
    }
  });

  it("takes the config's egress gateway for one by its own name, in Loki's labels too", async () => {
    const loki = await startLoki();
    const labels = { container: "istio-proxy", namespace: "edge", pod: "istio-way-out-7dc8cb9d9b-6hfhg" };
    const text = line.tls({ ...line.gateway, start: new Date(noon + 5 * minute).toISOString() });
    loki.stored.push({ at: BigInt(noon + 5 * minute) * 1_000_000n, text, labels });
    const config = join(folder.path, "way-out.yaml");
    const cluster = { name: "default", prometheus: { url: past.prometheus.url }, logs: { loki: { url: loki.url } } };
    const egressGateway = { namespace: "edge", selector: { istio: "way-out" } };
    try {
      const found = [];
      for (const suggest of [{ egressGateway }, {}]) {
        writeFileSync(config, JSON.stringify({ clusters: [cluster], suggest }));
        const args = ["--config", config, "--dns", "127.0.0.1:1", "--state", await learned(), "--at"];
        const { findings } = await scanJson([...args, String(quarter / 1000)]);
        found.push(findings.flatMap(({ destination: { host } }) => (host === "www.example.org" ? [host] : [])));
      }
      expect(found).toEqual([["www.example.org"], []]);
    } finally {
      await loki.stop();
    }
  });

  it("names every file that cannot be read before it asks anything, and still needs its Prometheus", async () => {
    const args = ["scan", "--state", "memory:", "--logs", join(folder.path, "none.log"), "--logs", folder.path];
    const wrong = await runScout([...args, "--prometheus", "http://127.0.0.1:1"]);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toMatch(/usage: .*none\.log cannot be read \(ENOENT\); .* is a folder/);
    const away = await runScout(["scan", "--state", "memory:", "--prometheus", "http://127.0.0.1:1", "--logs", "-"], {
      stdin: webLines[0] ?? "",
    });
    expect(away.code).toBe(1);
    expect(away.stderr).toContain("prometheus/unavailable");
  });

  it("takes its files from the environment too, and tells connections at level debug as Mixer's log entry did", async () => {
    const file = join(folder.path, "web.log");
    writeFileSync(file, webLines.map((text) => prefix + text).join("\n"));
    const where = [
      "--prometheus",
      past.prometheus.url,
      "--dns",
      "127.0.0.1:1",
      "--state",
      await learned(),
      "--at",
      String(quarter / 1000),
    ];
    const { code, stderr } = await runScout(["scan", "--log-level", "debug", ...where], {
      env: { EGRESS_SCOUT_LOGS: file },
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /debug: new in access logs source='?shop\/web'? requestedServerName='?api\.example\.com'? destination='?api\.example\.com:443/,
    );
  });
});
