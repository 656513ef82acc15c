import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { insideReason, isInternationalized, parseHost, registrableDomain } from "../lib/host.ts";

/** What a workload may write as Host: pieces of names, addresses and ports, and anything else. */
const piece = fc.constantFrom(
  "a",
  "-",
  ".",
  ":",
  "[",
  "]",
  "1",
  "80",
  "0x1f",
  "xn--",
  "EXAMPLE",
  "com",
  "::",
  " ",
  "_",
);
const wild = fc.oneof(
  fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary" }),
  fc.domain(),
);
/** RFC 1123: letters, digits and hyphens; labels of 1 to 63, no hyphen at their ends; 253 in all. */
const ldh = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
const host = (name: string, port: number | null = null) => ({ kind: "host", host: name, port });
const address = (text: string, port: number | null = null) => ({ kind: "address", address: text, port });
const long = (...lengths: number[]) => lengths.map((length) => "a".repeat(length)).join(".");

describe("host", () => {
  describe("parseHost", () => {
    it.each([
      ["api.stripe.com", host("api.stripe.com")],
      ["API.Stripe.COM.", host("api.stripe.com")],
      ["api.stripe.com:8443", host("api.stripe.com", 8443)],
      ["api.stripe.com.:65535", host("api.stripe.com", 65535)],
      ["xn--80ak6aa92e.com", host("xn--80ak6aa92e.com")],
      ["1e100.net", host("1e100.net")],
      ["localhost:3000", host("localhost", 3000)],
      [long(63, 63, 63, 61), host(long(63, 63, 63, 61))],
      ["203.0.113.7", address("203.0.113.7")],
      ["203.0.113.7:80", address("203.0.113.7", 80)],
      ["2001:DB8::1", address("2001:db8::1")],
      ["[2001:db8::1]:443", address("2001:db8::1", 443)],
      ["[::ffff:203.0.113.7]", address("203.0.113.7")],
    ])("reads %s", (text, expected) => {
      expect(parseHost(text)).toEqual(expected);
    });

    it.each([
      ["", "empty"],
      [".", "an empty label"],
      ["a..example.com", "an empty label"],
      ["example.com..", "an empty label"],
      ["internal", "a single label"],
      ["-a.example.com", "hyphen"],
      ["a-.example.com", "hyphen"],
      ["_dmarc.example.com", "no host name has"],
      ["*.example.com", "no host name has"],
      ["user@example.com", "no host name has"],
      ["\uff41pi.stripe.com", "no host name has"],
      ["[203.0.113.7]", "no host name has"],
      ["2001:db8::1%eth0", "no port"],
      ["example.com:", "no port"],
      ["example.com:0", "no port"],
      ["example.com:65536", "no port"],
      [long(64, 3), "longer than 63"],
      [long(63, 63, 63, 62), "longer than 253"],
      ["203.0.113.7.", "a number"],
      ["0313.0.0161.07", "a number"],
      ["127.0.0.0x1", "a number"],
      ["0x7f000001", "a number"],
      ["2130706433", "a number"],
    ])("calls %j junk, and says why", (text, why) => {
      expect(parseHost(text)).toEqual({ kind: "junk", why: expect.stringContaining(why) });
    });

    it("never throws, and what it accepts is a canonical name or address that it reads as itself", () => {
      fc.assert(
        fc.property(wild, (text) => {
          const parsed = parseHost(text);
          if (parsed.kind === "junk") return;
          const canonical = parsed.kind === "host" ? parsed.host : parsed.address;
          expect(parseHost(canonical)).toEqual({ ...parsed, port: null });
          if (parsed.kind === "host") expect(canonical).toMatch(ldh);
          const written = canonical.includes(":") ? `[${canonical}]` : canonical;
          if (parsed.port !== null) expect(parseHost(`${written}:${parsed.port}`)).toEqual(parsed);
        }),
        { numRuns: 5000 },
      );
    });

    it("takes every domain name, in any case, with and without its last dot", () => {
      fc.assert(
        fc.property(fc.domain(), fc.integer({ min: 1, max: 65535 }), (name, port) => {
          const lower = name.toLowerCase();
          expect(parseHost(name)).toEqual(host(lower));
          expect(parseHost(`${name.toUpperCase()}.:${port}`)).toEqual(host(lower, port));
        }),
      );
    });
  });

  describe("insideReason", () => {
    it.each([
      ["cart.shop.svc.cluster.local", "a Kubernetes service name"],
      ["cart.shop.svc", "a Kubernetes service name"],
      ["cart.shop.svc.corp.example", "a Kubernetes service name"],
      ["pod-0.cart.shop.svc.cluster.local", "a Kubernetes service name"],
      ["localhost", ".localhost is not"],
      ["metadata.google.internal", ".internal is not"],
      ["printer.local", ".local is not"],
      ["router.home.arpa", ".home.arpa is not"],
      ["a.invalid", ".invalid is not"],
      ["7.113.0.203.in-addr.arpa", "a reverse zone"],
      ["8.b.d.0.1.0.0.2.ip6.arpa", "a reverse zone"],
    ])("keeps %s inside", (name, why) => {
      expect(insideReason(name)).toContain(why);
    });

    it.each(["api.stripe.com", "svc.example.com", "notlocal.example", "mylan.com", "local.example.com"])(
      "lets %s be outside",
      (name) => {
        expect(insideReason(name)).toBeNull();
      },
    );
  });

  it("flags names with a punycode label, wherever it stands", () => {
    const flagged = ["xn--80ak6aa92e.com", "shop.xn--p1ai", "axn--a.com", "example.com"].filter(isInternationalized);
    expect(flagged).toEqual(["xn--80ak6aa92e.com", "shop.xn--p1ai"]);
  });

  it.each([
    ["api.eu.stripe.com", "stripe.com"],
    ["www.example.co.uk", "example.co.uk"],
    ["bucket.s3.amazonaws.com", "bucket.s3.amazonaws.com"],
    ["me.github.io", "me.github.io"],
    ["github.io", null],
    ["co.uk", null],
    ["db.corp.nosuchtld", null],
  ])("finds the registrable domain of %s: %s", (name, domain) => {
    expect(registrableDomain(name)).toBe(domain);
  });
});
