import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../lib/model.ts";
import { address, compose } from "../../lib/notify/compose.ts";
import { at, finding, many } from "./sample.ts";

const ids = (findings: readonly Finding[]) => findings.map((one) => one.id);
const owned = (id: string, team: string, channels: string[], change: Partial<Finding> = {}) =>
  finding({ id, owner: { team, from: "config", channels }, ...change });
const to = (host: string | null, port = 443) => ({ ...finding().destination, host, port });
const from = (namespace: string, workload = "w") => ({ cluster: "prod-eu", namespace, workload });

describe("compose", () => {
  it("makes one message for each team, by team", () => {
    const findings = [owned("1", "shop", ["a"]), owned("2", "payments", ["b"]), owned("3", "shop", ["a"])];
    const messages = compose(findings, "prod-eu", at, "first");
    expect(messages.map(({ team, findings }) => [team, ids(findings)])).toEqual([
      ["payments", ["2"]],
      ["shop", ["1", "3"]],
    ]);
    expect(messages[0]).toMatchObject({ cluster: "prod-eu", reason: "first", at });
  });

  it("makes none of nothing", () => {
    expect(compose([], "prod-eu", at, "first")).toEqual([]);
  });

  it("puts the most severe first, then by kind, source and destination", () => {
    const inOrder = [
      finding({ id: "1", severity: "critical" }),
      finding({ id: "2", kind: "policy-violation" }),
      finding({ id: "3", kind: "new-blocked" }),
      finding({ id: "4", source: from("a", "b") }),
      finding({ id: "5", source: from("a", "c") }),
      finding({ id: "6", source: from("b", "a"), destination: to("a.example.com", 80) }),
      finding({ id: "7", source: from("b", "a"), destination: to("a.example.com", 443) }),
      finding({ id: "8", source: from("b", "a"), destination: to("b.example.com") }),
      finding({ id: "9", severity: "info", kind: "policy-violation" }),
    ];
    const any = fc.shuffledSubarray(inOrder, { minLength: inOrder.length });
    fc.assert(
      fc.property(any, (findings) => {
        expect(compose(findings, "prod-eu", at, "first").flatMap((one) => ids(one.findings))).toEqual(ids(inOrder));
      }),
    );
  });

  it("gives the same messages and ids in any order, and leaves what it got as it was", () => {
    const findings = many(12).map((one, index) => ({ ...one, owner: { ...one.owner, team: `t${index % 3}` } }));
    const expected = compose(findings, "prod-eu", at, "first");
    fc.assert(
      fc.property(fc.shuffledSubarray(findings, { minLength: 12 }), (shuffled) => {
        const before = ids(shuffled);
        expect(compose(shuffled, "prod-eu", at, "first")).toEqual(expected);
        expect(ids(shuffled)).toEqual(before);
      }),
    );
  });

  it("has an id of cluster, team, reason and findings, and of nothing else", () => {
    const id = (...args: Parameters<typeof compose>) => compose(...args)[0]?.id;
    const same = id([finding()], "prod-eu", at, "first");
    expect(same).toMatch(/^msg-[0-9a-f]{16}$/);
    expect(id([finding({ count: 99, lastSeen: at })], "prod-eu", at + 1, "first")).toBe(same);
    const others = [
      id([finding()], "prod-us", at, "first"),
      id([finding()], "prod-eu", at, "repeat"),
      id([finding({ id: "f-2" })], "prod-eu", at, "first"),
      id([owned(finding().id, "shop", [])], "prod-eu", at, "first"),
      id([finding({ id: "a" }), finding({ id: "b" })], "prod-eu", at, "first"),
      id([finding({ id: 'a","b' })], "prod-eu", at, "first"),
    ];
    expect(new Set([same, ...others]).size).toBe(7);
  });
});

describe("address", () => {
  const critical = owned("1", "payments", ["slack-payments"], { severity: "critical" });
  const warning = owned("2", "payments", ["slack-payments"]);
  const messages = compose([warning, critical], "prod-eu", at, "first");
  const seen = (...args: Parameters<typeof address>) =>
    address(...args).map(({ channel, message }) => [channel, ids(message.findings)]);

  it("sends a message to all channels of its owner", () => {
    const both = compose([owned("1", "payments", ["b", "a", "b"])], "prod-eu", at, "first");
    expect(seen(both)).toEqual([
      ["a", ["1"]],
      ["b", ["1"]],
    ]);
    expect(address(both)[0]?.message).toBe(both[0]);
  });

  it("adds a route's channels, with just the findings that match, under an id of their own", () => {
    const sent = address(messages, [{ match: { severity: "critical" }, channels: ["sns-security"] }]);
    expect(sent.map(({ channel, message }) => [channel, ids(message.findings)])).toEqual([
      ["slack-payments", ["1", "2"]],
      ["sns-security", ["1"]],
    ]);
    expect(sent[0]?.message).toBe(messages[0]);
    expect(sent[1]?.message.id).toBe(compose([critical], "prod-eu", at, "first")[0]?.id);
  });

  it("asks routes in their order, and the first that matches adds", () => {
    const routes = [
      { match: { severity: "critical" }, channels: ["x"] },
      { match: {}, channels: ["y"] },
    ];
    expect(seen(messages, routes)).toEqual([
      ["slack-payments", ["1", "2"]],
      ["x", ["1"]],
      ["y", ["2"]],
    ]);
  });

  it("sends a finding to a channel once, whoever names it", () => {
    expect(seen(messages, [{ match: {}, channels: ["slack-payments"] }])).toEqual([["slack-payments", ["1", "2"]]]);
  });

  it.each([
    [{ severity: "critical", kind: "new-destination" }, true],
    [{ severity: "critical", kind: "fan-out" }, false],
    [{ namespace: "pay*" }, true],
    [{ namespace: "*ments" }, true],
    [{ namespace: "pay" }, false],
    [{ namespace: "p?yments" }, true],
    [{ namespace: "{payments,shop}" }, false],
    [{ namespace: "!shop" }, false],
    [{ namespace: "paymen.s" }, false],
    [{ cluster: "*" }, true],
    [{ cluster: "prod-eu", team: "payments" }, true],
    [{ team: undefined }, true],
  ])("matches %j: %s", (match, matches) => {
    const sent = address(compose([critical], "prod-eu", at, "first"), [{ match, channels: ["x"] }]);
    expect(sent.some(({ channel }) => channel === "x")).toBe(matches);
  });

  it("takes slashes as any other character", () => {
    const far = compose(
      [finding({ source: { ...finding().source, cluster: "arn:aws:eks:eu-west-1:1:cluster/a" } })],
      "c",
      at,
      "first",
    );
    expect(seen(far, [{ match: { cluster: "arn:*" }, channels: ["x"] }])).toContainEqual(["x", ids([finding()])]);
  });

  it("splits a message whose findings have different channels", () => {
    const mixed = compose([owned("1", "payments", ["a"]), owned("2", "payments", ["b"])], "prod-eu", at, "first");
    expect(seen(mixed)).toEqual([
      ["a", ["1"]],
      ["b", ["2"]],
    ]);
  });
});
