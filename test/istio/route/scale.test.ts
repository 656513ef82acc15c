import { expect, it } from "vitest";
import { readInForce } from "../../../lib/istio/in-force.ts";
import { covers } from "../../../lib/istio/route/covers.ts";
import type { Flow } from "../../../lib/istio/route/flow.ts";
import { route } from "../../../lib/istio/route/route.ts";
import { prepare } from "../../../lib/istio/route/table.ts";
import { entry, from, http, type KubeObject, settings, sidecar, tcp, tls } from "./make.ts";

const namespaces = 200;
const space = (index: number) => `ns${index % namespaces}`;

/** Entries as a big mesh has them: two thirds for all, the rest for their own namespace; a Sidecar in every fourth namespace. */
function mesh(entries: number, first = 0): KubeObject[] {
  return Array.from({ length: entries }, (_, offset) => {
    const index = first + offset;
    const head = { day: 1 + (index % 300) };
    const spec = index % 3 === 0 ? { exportTo: ["."] } : {};
    const name = `${space(index)}/e${index}`;
    const host = `h${index}.example${index % 37}.com`;
    if (index % 10 < 6) return entry(name, host, "443 TLS", spec, head);
    if (index % 10 < 8) return entry(name, host, "80 HTTP", spec, head);
    const address =
      index % 10 === 8 ? `198.18.${(index >> 8) & 255}.${index & 255}` : `10.${(index >> 8) & 255}.${index & 255}.0/24`;
    return entry(name, host, "5432 TCP", { ...spec, addresses: [address], resolution: "NONE" }, head);
  });
}

function flowTo(index: number, caller: number): Flow {
  const who = from(`${space(caller)}/w${caller % 2000}`, {});
  const host = `h${index}.example${index % 37}.com`;
  if (index % 10 < 6) return tls(host, 443, who);
  if (index % 10 < 8) return http(host, 80, who);
  const block = `${(index >> 8) & 255}.${index & 255}`;
  return tcp(index % 10 === 8 ? `198.18.${block}` : `10.${block}.9`, 5432, who);
}

const timed = <T>(work: () => T): [T, string] => {
  const began = performance.now();
  const made = work();
  return [made, `${Math.round(performance.now() - began)} ms`];
};

it("routes 20,000 flows through 2,000 entries, and prints how long it took", () => {
  const sidecars = Array.from({ length: namespaces / 4 }, (_, index) =>
    sidecar(`ns${index * 4}/s`, ["./*, istio-system/*"]),
  );
  const objects = [...mesh(2000), ...sidecars];
  const flows = Array.from({ length: 20_000 }, (_, index) => flowTo((index * 7919) % 2000, index));
  const [of, reading] = timed(() => prepare(readInForce(objects), settings()));
  const [routed, routing] = timed(() => flows.map((flow) => route(flow, of)));
  const [coverage, covering] = timed(() => covers(flows, of, mesh(200, 2000)));
  console.log(`2,000 entries × 20,000 flows: read ${reading}, route ${routing}, covers with 200 more ${covering}`);
  expect(routed.filter((one) => one.to === "entry").length).toBeGreaterThan(5000);
  expect(coverage.flows).toHaveLength(20_000);
});

it("takes 2,000 entries that all want the whole of one port", () => {
  const objects = Array.from({ length: 2000 }, (_, index) =>
    entry(
      `${space(index)}/e${index}`,
      `h${index}.example.com`,
      "5432 TCP",
      { resolution: "NONE" },
      { day: 1 + (index % 300) },
    ),
  );
  const flows = Array.from({ length: 20_000 }, (_, index) =>
    tcp(`198.51.100.${index % 250}`, 5432, from(`${space(index)}/w`, {})),
  );
  const [of, reading] = timed(() => prepare(readInForce(objects), settings()));
  const [routed, routing] = timed(() => flows.map((flow) => route(flow, of)));
  console.log(`2,000 entries on one port × 20,000 flows: read ${reading}, route ${routing}`);
  expect(routed.every((one) => one.to === "entry")).toBe(true);
});
