/** Which names may be looked up: what a workload writes leaves the cluster in no other question. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { trusting } from "../../lib/enrich/trusted.ts";
import type { EntryInForce } from "../../lib/model.ts";
import { insideReason } from "../../lib/words/host.ts";

const entry = (...hosts: string[]): EntryInForce => ({
  namespace: "shop",
  name: "pay",
  hosts,
  addresses: [],
  endpoints: [],
});
const label = (length: number) => "a".repeat(length);

describe("by ServiceEntries in force", () => {
  it.each<[entries: string[], host: string, isTrusted: boolean]>([
    [["api.example.com"], "api.example.com", true],
    [["api.example.com"], "example.com", true],
    [["api.example.com"], "other.deep.example.com", true],
    [["*.example.com"], "a.example.com", true],
    [["*.api.example.com"], "b.example.com", true],
    [["API.Example.COM"], "b.example.com", true],
    [["api.example.com"], "evilexample.com", false],
    [["api.example.com"], "example.com.evil.example.net", false],
    [["api.example.com"], "example.org", false],
    [["shop.example.co.uk"], "www.example.co.uk", true],
    [["shop.example.co.uk"], "www.other.co.uk", false],
    [["example.org", "api.example.com"], "b.example.com", true],
    [["acme.zendesk.com"], "help.acme.zendesk.com", true],
    [["acme.zendesk.com"], "evil.zendesk.com", false],
    [["acme.zendesk.com"], "zendesk.com", false],
    [["*.okta.com"], "evil.okta.com", false],
    [[], "example.com", false],
  ])("of %j, %s: %s", (hosts, host, isTrusted) => {
    expect(trusting([entry(...hosts)], [])(host)).toBe(isTrusted);
    expect(
      trusting(
        hosts.map((one) => entry(one)),
        [],
      )(host),
    ).toBe(isTrusted);
  });

  it.each([
    ["co.uk", "secret.evil.co.uk"],
    ["*.co.uk", "evil.co.uk"],
    ["com", "evil.com"],
    ["*.com", "evil.com"],
    ["github.io", "evil.github.io"],
    ["*.github.io", "evil.github.io"],
    ["ours.github.io", "evil.github.io"],
    ["s3.amazonaws.com", "evil.s3.amazonaws.com"],
    ["*.s3.amazonaws.com", "evil.s3.amazonaws.com"],
    ["*", "evil.com"],
    ["db.corp", "other.corp"],
    ["pay.shop.svc.cluster.local", "evil.svc.cluster.local"],
  ])("of %s, which is a public suffix or under none: not %s", (suffix, host) => {
    expect(trusting([entry(suffix)], [])(host)).toBe(false);
  });

  it("a customer of a shared suffix is trusted by its own name alone", () => {
    const isTrusted = trusting([entry("ours.github.io")], []);
    expect([isTrusted("ours.github.io"), isTrusted("www.ours.github.io")]).toEqual([true, true]);
  });
});

describe("by the config", () => {
  it.each<[domain: string, host: string, isTrusted: boolean]>([
    ["partner.example", "partner.example", true],
    ["partner.example", "api.partner.example", true],
    ["partner.example", "evilpartner.example", false],
    ["partner.example", "partner.example.evil.net", false],
    ["Partner.Example", "api.partner.example", true],
    ["*.partner.example", "api.partner.example", true],
    [".partner.example", "api.partner.example", true],
    ["partner.example.", "api.partner.example", true],
    ["corp.acme", "db.corp.acme", true],
    ["api.partner.example", "other.partner.example", false],
    ["*", "example.com", false],
    [".", "example.com", false],
    ["", "example.com", false],
  ])("%s: %s: %s", (domain, host, isTrusted) => {
    expect(trusting([], [domain])(host)).toBe(isTrusted);
  });
});

describe("what may never be looked up, whoever trusts its domain", () => {
  const isTrusted = trusting([entry("example.com")], ["example.com", "cluster.local", "internal", "localhost", "svc"]);

  it.each([
    "pay.shop.svc.cluster.local",
    "pay.shop.svc",
    "metadata.google.internal",
    "localhost",
    "4.3.2.1.in-addr.arpa",
    "a.b.svc.example.com",
  ])("a name of the inside: %s", (host) => {
    expect(isTrusted(host)).toBe(false);
  });

  it("a label longer than 40 characters, a name of more than eight labels", () => {
    expect(isTrusted(`${label(40)}.example.com`)).toBe(true);
    expect(isTrusted(`${label(41)}.example.com`)).toBe(false);
    expect(isTrusted("1.2.3.4.5.6.example.com")).toBe(true);
    expect(isTrusted("1.2.3.4.5.6.7.example.com")).toBe(false);
  });

  it("a wildcard: as a question it is a name like any other", () => {
    expect(isTrusted("*.example.com")).toBe(false);
    expect(isTrusted("*")).toBe(false);
  });
});

test("nothing is trusted that is not under what was given", () => {
  const domain = fc.constantFrom(
    "example.com",
    "example.co.uk",
    "co.uk",
    "ours.github.io",
    "github.io",
    "corp.acme",
    "svc",
  );
  const part = fc.constantFrom("a", "evil", "example", "svc", "com", "co", "uk", "github", "x".repeat(41), "*", "");
  const host = fc.tuple(fc.array(part, { maxLength: 9 }), domain).map(([parts, end]) => [...parts, end].join("."));
  fc.assert(
    fc.property(
      fc.array(domain, { maxLength: 2 }),
      fc.array(domain, { maxLength: 2 }),
      host,
      (entries, config, name) => {
        if (!trusting([entry(...entries)], config)(name)) return;
        const under = [
          ...entries.filter((one) => !["co.uk", "github.io", "corp.acme", "svc"].includes(one)),
          ...config,
        ];
        expect(under.some((one) => name === one || name.endsWith(`.${one}`))).toBe(true);
        expect(insideReason(name)).toBeNull();
        expect(name.split(".").length).toBeLessThanOrEqual(8);
      },
    ),
    { numRuns: 2000 },
  );
});
