/** The one sentence of a finding: who, where to, how often, and what is odd about it. */
import { describe, expect, it } from "vitest";
import { summarize } from "../../lib/enrich/summary.ts";
import type { Destination, Finding, Name, NameFrom, Trust } from "../../lib/model.ts";
import { bare, blocked, destination } from "../detect/make.ts";
import { finding } from "../suggest/make.ts";

const told = (to: Partial<Destination>, change: Partial<Finding> = {}): string =>
  summarize(
    finding(destination(to), {
      source: { cluster: "prod", namespace: "shop", workload: "web" },
      count: 3,
      summary: "",
      ...change,
    }),
  );
const name = (from: NameFrom, text: string, trust: Trust = "confirmed"): Name => ({ name: text, from, trust, why: "" });
const address = "203.0.113.7";

describe("a new destination", () => {
  it.each<[Partial<Destination>, Partial<Finding>, string]>([
    [{}, {}, "shop/web reached api.example.com:80 (HTTP) for the first time: 3 requests, let through."],
    [{}, { count: 1 }, "shop/web reached api.example.com:80 (HTTP) for the first time: 1 request, let through."],
    [
      { protocol: "tls", port: 443 },
      { count: 1 },
      "shop/web reached api.example.com:443 (TLS) for the first time: 1 connection, let through.",
    ],
    [
      { protocol: "grpc", port: null },
      { summary: "after 91 days" },
      "shop/web reached api.example.com on an unknown port (gRPC) after 91 days: 3 requests, let through.",
    ],
    [
      blocked,
      { kind: "new-blocked" },
      "shop/web tried to reach api.example.com:80 (HTTP), never seen from it before: 3 requests, blocked by the mesh.",
    ],
    [
      { ...blocked, ...bare("2001:db8::1") },
      { kind: "new-blocked", summary: "quiet for long" },
      "shop/web tried to reach [2001:db8::1]:443 (TCP), quiet for long: 3 connections, blocked by the mesh.",
    ],
    [
      { host: null, claim: "evil\\u000aname", ...{ address } },
      {},
      `shop/web reached ${address}:80 under a name that is no host name, "evil\\u000aname" (HTTP) for the first time: 3 requests, let through.`,
    ],
    [
      { ...bare(address), address: null },
      {},
      "shop/web reached an address that no label shows (TCP) for the first time: 3 connections, let through.",
    ],
  ])("%j", (to, change, expected) => {
    expect(told(to, { kind: "new-destination", ...change })).toBe(expected);
  });
});

describe("what an address is called", () => {
  const called = (...names: Name[]) => /:443(.*) \(TCP\)/.exec(told(bare(address), { names }))?.[1];

  it.each<[string, Name[]]>([
    [", which DNS confirms as mail.example.com", [name("ptr", "mail.example.com")]],
    [", which DNS confirms as api.example.com", [name("forward", "api.example.com"), name("ptr", "mail.example.com")]],
    [", which a ServiceEntry in force calls pay.example.org", [name("service-entry", "pay.example.org")]],
    [", an address of AWS S3", [name("ptr", "gone.example.com", "claimed"), name("range", "AWS S3", "generic")]],
    [", an address of AWS", [name("asn", "AS16509 Amazon", "generic"), name("range", "AWS", "generic")]],
    [", an address of AS16509 Amazon", [name("asn", "AS16509 Amazon", "generic")]],
    ["", [name("ptr", "evil.example.com", "claimed")]],
    ["", [name("ptr", "evil.example.com", "contradicted"), name("ptr", "x.1e100.net", "generic")]],
    ["", [name("host", "evil.example.com")]],
    ["", []],
  ])("%j", (expected, names) => {
    expect(called(...names)).toBe(expected);
  });

  it("does not read as if it were called so for the first time", () => {
    const names = [name("ptr", "mail.example.com")];
    const at = `${address}:443, which DNS confirms as mail.example.com (TCP)`;
    expect(told(bare(address), { names })).toBe(
      `For the first time, shop/web reached ${at}: 3 connections, let through.`,
    );
    expect(told(bare(address), { names, summary: "again after 97 quiet days" })).toBe(
      `Again after 97 quiet days, shop/web reached ${at}: 3 connections, let through.`,
    );
    expect(told({ ...bare(address), ...blocked }, { kind: "new-blocked", names })).toBe(
      `shop/web tried to reach ${at}, never seen from it before: 3 connections, blocked by the mesh.`,
    );
  });

  it("is not said of a Host, which is its own name", () => {
    expect(told({ address }, { names: [name("ptr", "mail.example.com")] })).not.toContain("mail");
  });
});

describe("an address that is no place outside", () => {
  it.each<[string, RegExp | null]>([
    ["10.0.0.1", / 10\.0\.0\.1 is a private address: /],
    ["169.254.169.254", / is a special-purpose address /],
    ["240.240.0.9", / is an address that Istio itself hands out .* changed or deleted/],
    [address, null],
  ])("%s", (inner, remark) => {
    const text = told(bare(inner));
    if (remark === null) expect(text).toMatch(/let through\.$/);
    else expect(text).toMatch(remark);
    expect(told({ address: inner })).toMatch(/let through\.$/);
  });

  it("of Istio's own is that of a ServiceEntry where one in force holds it", () => {
    const text = told(bare("240.240.0.9"), { names: [name("service-entry", "pay.example.org")] });
    expect(text).toMatch(/calls pay\.example\.org .* gave to that ServiceEntry/);
    expect(text).not.toContain("deleted");
  });
});

describe("a name that does not fit its address", () => {
  const mismatch = (to: Partial<Destination>, change: Partial<Finding> = {}) =>
    told({ address, ...to }, { kind: "name-mismatch", summary: ", but it resolves to 198.51.100.1", ...change });

  it("is told with both addresses, the name, and where the name was written", () => {
    const text = mismatch({});
    for (const part of ["shop/web", `${address}:80`, "api.example.com", "Host", "198.51.100.1", "3 requests."]) {
      expect(text).toContain(part);
    }
    expect(mismatch({ protocol: "tls", sni: "api.example.com", port: 443 })).toMatch(/:443 .*SNI.*: 3 connections\.$/);
  });

  it("says that it is over, and with how many calls", () => {
    expect(mismatch({}, { state: "resolved", count: 60 })).toMatch(/: over after 60 requests\.$/);
    expect(mismatch({}, { state: "resolved", count: 1 })).toMatch(/: over after 1 request\.$/);
  });

  it("brackets IPv6 in front of a port, and says nothing of a port that is not known", () => {
    expect(mismatch({ address: "2001:db8::1" })).toContain("[2001:db8::1]:80 ");
    expect(mismatch({ port: null })).toContain(`${address} `);
    expect(mismatch({ port: null })).not.toContain("null");
  });
});

describe("what a detector has told whole", () => {
  it.each(["fan-out", "blind"] as const)("%s", (kind) => {
    expect(told({}, { kind, summary: "so it is." })).toBe("so it is.");
  });

  it("a spike, of one place or of all", () => {
    const spike = { kind: "blocked-spike", summary: "30 blocked calls where 2 are usual" } as const;
    expect(told(blocked, spike)).toBe("shop/web to api.example.com:80 (HTTP): 30 blocked calls where 2 are usual.");
    const all = { ...blocked, host: null, port: null };
    expect(told(all, spike)).toBe("shop/web, to all destinations: 30 blocked calls where 2 are usual.");
    expect(told(all, { ...spike, state: "resolved", count: 40 })).toBe(
      "shop/web, to all destinations: over after 40 blocked calls.",
    );
  });
});
