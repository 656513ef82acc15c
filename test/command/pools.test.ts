/** Names that answer with other addresses each time, and very many addresses: nothing is contradicted that is not, nothing takes forever. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Question } from "dns-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";
import { type HostileDns, type HostileReply, startHostileDns } from "../tools/hostile-dns.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { scanJson } from "./run-scout.ts";

const minute = 60_000;
const begin = Date.UTC(2026, 10, 20, 6);
const learned = begin + 20 * minute;
const end = learned + 10 * minute;

const many = 1200;
/** Nobody is asked there: the one DNS server of these tests is our own. */
const crowd = (n: number) => `52.95.${n >> 8}.${n & 255}`;
/** Where the names live, none of it what was dialled: of a pool, of one CDN, of two CDNs, geographic, and one that is simply elsewhere. */
const named: Record<string, string> = {
  "pool.partner.example": "203.0.113.1",
  "cdn.partner.example": "203.0.113.2",
  "elsewhere.partner.example": "203.0.113.3",
};
const generic: Record<string, string> = {
  "203.0.113.2": "a203-0-113-2.deploy.static.akamaitechnologies.com",
  "192.0.2.2": "a192-0-2-2.deploy.static.akamaitechnologies.com",
};

function answer({ type, name }: Question, before: number): HostileReply {
  if (type === "PTR") {
    const address = name.replace(".in-addr.arpa", "").split(".").reverse().join(".");
    const ptr =
      generic[address] ?? (address.startsWith("52.95.") ? `s${address.replaceAll(".", "x")}.example.com` : null);
    return ptr === null ? { rcode: "NXDOMAIN" } : { ptr: [ptr.split(".")] };
  }
  if (type === "A" && name === "pool.partner.example") {
    const answers = [1, 2].map((n) => ({
      type: "A" as const,
      name,
      ttl: 5,
      data: `203.0.113.${100 + ((before * 2 + n) % 90)}`,
    }));
    return { answers };
  }
  const address = named[name] ?? Object.keys(generic).find((one) => generic[one] === name);
  if (type === "A" && address !== undefined) return { answers: [{ type: "A", name, ttl: 60, data: address }] };
  return { rcode: "NXDOMAIN" };
}

describe("names that cannot be pinned to an address", () => {
  let held: HeldPast;
  let dns: HostileDns;
  let result: ScanDocument;

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => {
        const web = mesh.pod({ namespace: "shop", workload: "web" });
        timetable.every({ from: begin + minute, to: end, everyMs: minute }, () => {
          for (const [host, address] of Object.entries(named)) web.tls({ sni: host, to: `${address}:443` });
        });
        timetable.at(learned + 3 * minute, () => {
          web.tls({ sni: "pool.partner.example", to: "203.0.113.77:443" });
          web.tls({ sni: "cdn.partner.example", to: "192.0.2.2:443" });
          web.tls({ sni: "elsewhere.partner.example", to: "192.0.2.3:443", times: 4 });
        });
        const pods = Array.from({ length: many / 12 }, (_, n) => mesh.pod({ namespace: "crowd", workload: `w${n}` }));
        timetable.at(learned + 4 * minute, () => {
          for (let n = 0; n < many; n++) pods[Math.floor(n / 12)]?.tcp({ to: `${crowd(n)}:443` });
        });
      },
      { from: begin, to: end, everyMs: 15_000 },
    );
    dns = await startHostileDns(answer);
    writeFileSync(
      join(held.dir, "config.yaml"),
      `clusters: [{ name: prod, prometheus: { url: "${held.prometheus.url}" } }]
enrich: { dns: { servers: ["${dns.server}"], trusted: [partner.example], perSecond: 200, budget: 2s } }
state: sqlite:state.db`,
    );
    await scan(learned, "--learn", "1h");
    result = await scan(end);
  });
  afterAll(async () => {
    await dns.stop();
    await held.stop();
  });

  const scan = (time: number, ...more: string[]) =>
    scanJson(["--config", join(held.dir, "config.yaml"), "--at", String(time / 1000), ...more]);
  const namedSoFar = () => {
    const database = new DatabaseSync(join(held.dir, "state.db"), { readOnly: true });
    try {
      return Number(database.prepare("SELECT count(*) AS n FROM sighting WHERE named_at IS NOT NULL").get()?.n);
    } finally {
      database.close();
    }
  };

  it("finds the one that is elsewhere, and neither a pool nor a CDN", () => {
    const mismatched = result.findings.filter((one) => one.kind === "name-mismatch");
    expect(
      mismatched.map(({ destination, count, severity }) => [destination.host, destination.address, count, severity]),
    ).toEqual([["elsewhere.partner.example", "192.0.2.3", 4, "warning"]]);
  });

  it("finds all of very many addresses, names as many as the budget lets it, and says that it was used up", () => {
    const crowded = result.findings.filter(({ source }) => source.namespace === "crowd");
    expect(crowded).toHaveLength(many);
    expect(result.run.warnings).toEqual([
      expect.stringMatching(/^dns: .* and \d+ more look-ups: the look-up budget of 2s is used up/),
    ]);
    const withNames = crowded.filter((one) => one.names.length > 0).length;
    expect(withNames).toBeGreaterThan(0);
    expect(withNames).toBeLessThan(many);
  });

  it("names the rest in later runs, and then asks no more", async () => {
    const counts = [namedSoFar()];
    for (let n = 1; n <= 20 && (counts.at(-1) ?? 0) < many; n++) {
      await scan(end + n * minute);
      counts.push(namedSoFar());
      expect(counts.at(-1)).toBeGreaterThan(counts.at(-2) ?? 0);
    }
    expect(counts.at(-1)).toBe(many);
    const asked = dns.asked.filter(({ type }) => type === "PTR").length;
    await scan(end + 30 * minute);
    expect(dns.asked.filter(({ type }) => type === "PTR")).toHaveLength(asked);
  });
});
