import { afterAll, describe, expect, it } from "vitest";
import type { Telling } from "../mesh/telling.ts";
import type { HeldPast } from "./past.ts";
import { holdPast } from "./past.ts";
import { scanJson } from "./run-scout.ts";

const minute = 60_000;
const end = Date.UTC(2026, 10, 20, 12);
const held: HeldPast[] = [];
afterAll(async () => {
  for (const one of held) await one.stop();
});

/** A workload's calls of all kinds a few minutes ago, as this set-up's labels tell them; by protocol and verdict. */
async function scanned(telling: Telling) {
  const past = await holdPast(
    (mesh, timetable) => {
      const pod = mesh.pod({ namespace: "shop", workload: "web" });
      timetable.at(end - 3 * minute, () => {
        pod.http({ host: "httpbin.org", to: "198.51.100.1:80" });
        pod.http({ host: "blocked.example.com:8080", to: "198.51.100.2:8080", blocked: true });
        pod.http({ host: "[2001:db8::7]:8443", to: "[2001:db8::7]:8443" });
        pod.tcp({ to: "203.0.113.4:5432", times: 2 });
        pod.tcp({ to: "203.0.113.5:25", blocked: true });
      });
    },
    { from: end - 20 * minute, to: end, everyMs: 15_000 },
    telling,
  );
  held.push(past);
  const window = ["--at", String(end / 1000), "--since", "10m", "--no-learn", "--state", "memory:"];
  const result = await scanJson(["--prometheus", past.prometheus.url, "--dns", "127.0.0.1:1", ...window]);
  const places = result.findings.map(
    ({ destination: { verdict, protocol, host, address, port }, count, suggestions }) => {
      const place = host ?? address ?? "?";
      return `${verdict} ${protocol} ${place} ${port ?? "?"} x${count}${suggestions.length > 0 ? "" : " no manifest"}`;
    },
  );
  return { places: places.sort(), result };
}

const http = [
  "allowed http 2001:db8::7 8443 x1",
  "allowed http httpbin.org 80 x1",
  "blocked http blocked.example.com 8080 x1",
];

describe("label spellings", () => {
  it("reads destination_address with a port", async () => {
    const { places } = await scanned({ address: "address" });
    expect(places).toEqual([...http, "allowed tcp 203.0.113.4 5432 x2", "blocked tcp 203.0.113.5 25 x1"].sort());
  });

  it("reads destination_ip with destination_port", async () => {
    const { places } = await scanned({ address: "ip+port" });
    expect(places).toEqual([...http, "allowed tcp 203.0.113.4 5432 x2", "blocked tcp 203.0.113.5 25 x1"].sort());
  });

  it("reads destination_ip alone, and proposes nothing for a port that it does not know", async () => {
    const { places } = await scanned({ address: "ip", httpAddress: false });
    const tcp = ["allowed tcp 203.0.113.4 ? x2 no manifest", "blocked tcp 203.0.113.5 ? x1 no manifest"];
    expect(places).toEqual([...http, ...tcp].sort());
  });

  it("reads Istio 1.3's labels: Mixer told for all pods, and a blocked connection only when it closed", async () => {
    const { places } = await scanned({ mixer: true });
    const tcp = ["allowed tcp 203.0.113.4 ? x2 no manifest", "blocked tcp 203.0.113.5 ? x1 no manifest"];
    expect(places).toEqual([...http, ...tcp].sort());
  });

  it("tells one destination for each workload where no label tells the address, and says so", async () => {
    const { places, result } = await scanned({ address: "none", httpAddress: false });
    expect(places).toEqual([...http, "allowed tcp ? ? x2 no manifest", "blocked tcp ? ? x1 no manifest"].sort());
    expect(result.run.blind.join()).toContain("no address label");
  });
});
