import { describe, expect, it } from "vitest";
import type { Destination } from "../../lib/model.ts";
import { isInternal } from "../../lib/observe/internal.ts";

const to = (host: string | null, address: string | null): Destination => ({
  verdict: "allowed",
  protocol: "http",
  host,
  address,
  port: 80,
  sni: null,
  claim: null,
});

describe("observe/internal", () => {
  it.each([
    ["10.0.0.0/8", to(null, "10.1.2.3")],
    ["10.1.2.3", to(null, "10.1.2.3")],
    ["2001:db8::/32", to(null, "2001:db8::7")],
    ["2001:DB8:0::7", to(null, "2001:db8::7")],
    ["203.0.113.0/24", to("api.example.com", "203.0.113.7")],
    ["git.corp.example", to("git.corp.example", null)],
    ["Git.Corp.Example", to("git.corp.example", null)],
    ["*.corp.example", to("a.b.corp.example", null)],
    ["git.corp.example", to("git.corp.example", "10.1.2.3")],
  ])("%s covers %j", (pattern, destination) => {
    expect(isInternal(destination, ["192.0.2.0/24", pattern])).toBe(true);
  });

  it.each([
    ["10.0.0.0/8", to(null, "11.1.2.3")],
    ["10.1.2.3", to(null, "10.1.2.4")],
    ["*.corp.example", to("corp.example", null)],
    ["*.corp.example", to("evilcorp.example", null)],
    ["corp.example", to("git.corp.example", null)],
    ["10.0.0.0/99", to(null, "10.1.2.3")],
    ["*", to("git.corp.example", null)],
    ["", to(null, null)],
  ])("%j does not cover %j", (pattern, destination) => {
    expect(isInternal(destination, [pattern])).toBe(false);
  });

  it("does not believe a name that was called at a public address: else anybody could hide behind one", () => {
    const patterns = ["*.corp.example", "git.corp.example"];
    expect(isInternal(to("git.corp.example", "203.0.113.7"), patterns)).toBe(false);
    expect(isInternal(to("git.corp.example", "169.254.169.254"), patterns)).toBe(false);
    expect(isInternal(to("git.corp.example", "240.240.0.1"), patterns)).toBe(false);
    expect(isInternal(to("git.corp.example", "192.168.1.1"), patterns)).toBe(true);
  });

  it("calls nothing internal where the config does not", () => {
    expect(isInternal(to("git.corp.example", "10.1.2.3"), [])).toBe(false);
  });
});
