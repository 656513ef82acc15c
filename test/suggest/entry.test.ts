import { describe, expect, it } from "vitest";
import { addressEntry, entryName } from "../../lib/suggest/entry.ts";

describe("entryName", () => {
  it("tells hosts with one slug apart", () => {
    const [one, other] = [entryName("a.b-example.com"), entryName("a-b.example.com")];
    expect(one.slice(0, -8)).toBe(other.slice(0, -8));
    expect(one).not.toBe(other);
  });

  it.each([
    "a.com",
    `${"a".repeat(63)}.example.com`,
    `${"a".repeat(53)}.example.com`,
    `${"a.".repeat(126)}b`,
    "xn--80ak6aa92e.com",
    "*.example.com",
    `*.${"a".repeat(63)}.example.com`,
  ])("is a DNS-1123 label of at most 63 characters for %s", (host) => {
    expect(entryName(host)).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
  });

  it("leaves no hyphen where the slug was cut", () => {
    expect(entryName(`${"a".repeat(53)}.example.com`)).toMatch(/^a{53}-[0-9a-f]{8}$/);
  });

  it("tells a wildcard from the host of the word that stands for its star", () => {
    expect(entryName("*.example.com")).toMatch(/^any-example-com-/);
    expect(entryName("*.example.com")).not.toBe(entryName("any.example.com"));
  });

  it("never changes: manifests in Git are named by it", () => {
    expect(entryName("api.stripe.com")).toBe("api-stripe-com-5e9af329");
  });
});

describe("addressEntry", () => {
  it("gives each address a host of its own", () => {
    const hosts = ["1.1.1.1", "1.1.1.11", "11.1.1.1", "2001:db8::1", "2001:db8:0:1::", "2001:db8:1::"].map(
      (address) => addressEntry(address).host,
    );
    expect(new Set(hosts).size).toBe(hosts.length);
  });
});
