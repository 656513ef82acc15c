/** Sightings as a mesh has them: keys are hashes, names and times differ, so that they compress as they do in life. */
import { createHash } from "node:crypto";
import type { Sighting } from "../../lib/model.ts";

const hash = (text: string) => createHash("sha256").update(text).digest("hex");

export function lifelike(index: number, over: Partial<Sighting> = {}): Sighting {
  const key = hash(`key-${index}`).slice(0, 32);
  const random = Number.parseInt(key.slice(0, 8), 16);
  const host = `${key.slice(8, 14)}.vendor-${index % 900}.example.com`;
  const begin = 1_700_000_000_000;
  const isNamed = random % 2 === 0;
  return {
    key,
    source: { cluster: "prod", namespace: `ns-${index % 40}`, workload: `svc-${index % 300}` },
    destination: {
      ...{ verdict: "allowed", protocol: random % 3 === 0 ? "tls" : "http", host, claim: null },
      ...{ address: `203.0.${random % 256}.${index % 256}`, port: 443, sni: random % 3 === 0 ? host : null },
    },
    firstSeen: begin + (random % 600_000_000),
    lastSeen: begin + 600_000_000 + (random % 86_400_000),
    count: random % 5_000,
    total: random % 5_000,
    name: isNamed ? { name: host, from: "host", trust: "claimed", why: "nothing speaks for or against it" } : null,
    namedAt: isNamed ? begin + (random % 600_000_000) : null,
    ...over,
  };
}

export const lifelikes = (count: number, from = 0): Sighting[] =>
  Array.from({ length: count }, (_, index) => lifelike(from + index));

/** Few that are large, and do not compress: each takes as many kilobytes in a pack. */
export function bulky(count: number, from: number, kilobytes: number): Sighting[] {
  return Array.from({ length: count }, (_, index) => {
    const text = Array.from({ length: kilobytes * 32 }, (_, piece) => hash(`${from + index} ${piece}`)).join("");
    return lifelike(from + index, { name: { name: "a", from: "host", trust: "claimed", why: text }, namedAt: 1 });
  });
}
