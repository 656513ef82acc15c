import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainText } from "../../lib/notify/plain-text.ts";
import { finding, many, message, yamlOf } from "./sample.ts";

describe("plainText", () => {
  it("reads so", () => {
    expect(plainText(message([finding()]))).toBe(`1 new destination for payments in prod-eu

1. New destination (warning)
   payments/checkout reached api.stripe.com:443 for the first time.
   Who         payments/checkout in cluster prod-eu
   Where to    api.stripe.com, at 3.18.12.63 and 1 more, port 443, TLS, let through
   How sure    api.stripe.com: confirmed, DNS agrees with the address (SNI)
   How often   12 connections
   Since       2026-11-22 10:04 UTC, last 2026-11-22 10:12 UTC
   Finding     f-4be1c09a77d2

   Ready to apply (confidence high): save it as FILE, then kubectl apply -f FILE
   Why: the SNI is confirmed by DNS
   Mind: covers port 443 only
----- begin manifest -----
${yamlOf("api.stripe.com")}----- end manifest -----

egress-scout, 2026-11-22 10:15 UTC, msg-0011223344556677
`);
  });

  it("says why there is no manifest", () => {
    const text = plainText(message([finding({ suggestions: [], noSuggestion: "the name is generic" })]));
    expect(text).toContain("   No manifest: the name is generic\n");
    expect(text).not.toContain("manifest -----");
  });

  it("shows no manifest for what is over", () => {
    const text = plainText(message([finding({ state: "resolved" })], { reason: "resolved" }));
    expect(text).toMatch(/^Resolved: 1 new destination for payments in prod-eu\n/);
    expect(text).not.toMatch(/manifest/);
  });

  it.each([
    [finding({ kind: "new-blocked" }), "new blocked destination"],
    [
      finding({ kind: "blind", source: { cluster: "prod-eu", namespace: "", workload: "" } }),
      "Who         cluster prod-eu\n",
    ],
    [finding({ kind: "fan-out", names: [] }), "For example api.stripe.com"],
    [
      finding({ expected: { mean: 0.0213, p: 3e-9, basis: "14d" } }),
      "12 connections, about 0.021 expected when it began (history: 14d)",
    ],
    [finding({ count: 1234567, destination: { ...finding().destination, protocol: "http" } }), "1,234,567 requests\n"],
    [finding({ count: 1, destination: { ...finding().destination, protocol: "grpc" } }), "1 request\n"],
    [
      finding({ names: [], destination: { ...finding().destination, host: null, sni: null } }),
      "How sure    no name found, only the address is known",
    ],
    [
      finding({ destination: { ...finding().destination, host: null, address: null, sni: null, claim: '"a b"' } }),
      'Where to    an unknown address, port 443, TLS, called "a b" by the caller, let through',
    ],
    [finding({ firstSeen: Number.NaN }), "Since       at an unknown time, last"],
  ])("words case %#", (one, words) => {
    expect(plainText(message([one]))).toContain(words);
  });

  it("leaves findings out whole, from the end, and counts them", () => {
    const text = plainText(message(many(20)), 6000);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(6000);
    expect(text).toMatch(/\n\d+ more findings are not shown here \(\d+ warning\)\. The scan's output has them all\.\n/);
  });

  it("keeps any limit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1024, max: 40_000 }), fc.integer({ min: 0, max: 40 }), (most, count) => {
        const text = plainText(message(many(count)), most);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(most);
        const begun = text.match(/^----- begin/gm)?.length ?? 0;
        expect(text.match(/^----- end/gm)?.length ?? 0).toBe(begun);
      }),
    );
  });
});
