import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Destination, Source } from "../../lib/model.ts";
import { sightingKey } from "../../lib/observe/key.ts";

const source: Source = { cluster: "", namespace: "shop", workload: "web" };
const api: Destination = {
  verdict: "allowed",
  protocol: "tls",
  host: "api.example.com",
  address: "203.0.113.7",
  port: 443,
  sni: "api.example.com",
  claim: null,
};

describe("observe/key", () => {
  it("is the same from one release to the next: what is remembered stays known", () => {
    expect(sightingKey("prod", source, api)).toBe("27a21d75b73a47a59b41947a42169a18");
    expect(sightingKey("prod", source, { ...api, protocol: "tcp", host: null, sni: null })).toBe(
      "554480c564bd9a61cb7ca82b48b1ac81",
    );
    expect(sightingKey("prod", { ...source, cluster: "c1" }, { ...api, host: null, claim: "a b" })).toBe(
      "22f7751d23ce50ed6c431c229b421b21",
    );
  });

  it("does not change with the address behind a host or a claim, and does where there is nothing else", () => {
    const elsewhere = { address: "203.0.113.8" };
    const key = (change: Partial<Destination>) => sightingKey("prod", source, { ...api, ...change });
    expect(key(elsewhere)).toBe(key({}));
    expect(key({ host: null, claim: "a b", ...elsewhere })).toBe(key({ host: null, claim: "a b" }));
    expect(key({ host: null, ...elsewhere })).not.toBe(key({ host: null }));
  });

  it("takes no name for a claim or an address that reads like it", () => {
    const same = { ...api, sni: null, address: "x" };
    const keys = [
      same,
      { ...same, host: null, claim: "api.example.com" },
      { ...same, host: null, address: "api.example.com" },
    ];
    expect(new Set(keys.map((one) => sightingKey("prod", source, one))).size).toBe(3);
  });

  it("cannot be made to meet another key by moving text from one part to the next", () => {
    const part = fc.constantFrom("", "a", "b", "ab", ",", '"', '","', "\\", "null");
    const parts = fc.tuple(part, part, part, part, part);
    const key = ([cluster, label, namespace, workload, host]: [string, string, string, string, string]) =>
      sightingKey(cluster, { cluster: label, namespace, workload }, { ...api, host });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        expect(key(one) === key(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 2000 },
    );
  });
});
