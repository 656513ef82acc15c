import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type OwnerRule, resolveOwner } from "../../lib/enrich/owner.ts";
import type { Source } from "../../lib/model.ts";

const source: Source = { cluster: "prod-eu", namespace: "payments-eu", workload: "checkout" };
const rules: OwnerRule[] = [
  { match: { namespace: "payments-*", workload: "*" }, team: "payments", channels: ["slack-payments"] },
  { label: { metric: "kube_namespace_labels", name: "label_team" }, channels: ["slack-platform"] },
  { team: "platform", channels: ["slack-platform"] },
];

describe("who owns a workload", () => {
  test("the first rule that matches", () => {
    expect(resolveOwner(source, rules, {})).toEqual({ team: "payments", from: "config", channels: ["slack-payments"] });
  });

  test("the default where none does; a rule by label is not read yet", () => {
    const other = { ...source, namespace: "shop" };
    expect(resolveOwner(other, rules, {})).toEqual({ team: "platform", from: "default", channels: ["slack-platform"] });
  });

  test("nobody where there is no default", () => {
    const nobody = { team: "unowned", from: "default", channels: [] };
    expect(resolveOwner({ ...source, namespace: "shop" }, rules.slice(0, 2), {})).toEqual(nobody);
    expect(resolveOwner(source, [], {})).toEqual(nobody);
  });

  test("a default in front ends the search, as it is written", () => {
    expect(resolveOwner(source, rules.toReversed(), {}).team).toBe("platform");
  });

  test("a team's own channels win over the rule's, also when it has none", () => {
    expect(resolveOwner(source, rules, { payments: { channels: ["sns"] } }).channels).toEqual(["sns"]);
    expect(resolveOwner(source, rules, { payments: { channels: [] } }).channels).toEqual([]);
  });

  test("a team called like a part of every object is a team like any other", () => {
    for (const team of ["constructor", "__proto__", "toString"]) {
      expect(resolveOwner(source, [{ team, channels: ["a"] }], {})).toEqual({ team, from: "default", channels: ["a"] });
    }
  });

  test("the result is the caller's own: changing it changes no config", () => {
    resolveOwner(source, rules, {}).channels.push("elsewhere");
    expect(resolveOwner(source, rules, {}).channels).toEqual(["slack-payments"]);
  });
});

describe("globs", () => {
  const matches = (glob: string, text: string): boolean =>
    resolveOwner({ ...source, workload: text }, [{ match: { workload: glob }, team: "t" }], {}).team === "t";

  test.each([
    ["*", ""],
    ["*", "anything"],
    ["pay-*", "pay-"],
    ["pay-*", "pay-a.b/c"],
    ["*-api-*", "x-api-y"],
    ["v?", "v1"],
    ["a.b", "a.b"],
    ["a(b|c)", "a(b|c)"],
    ["[ab]*", "[ab]x"],
    ["{a,b}*", "{a,b}"],
    ["!a*", "!ab"],
    ["a+?", "a+b"],
  ])("%s matches %s", (glob, text) => expect(matches(glob, text)).toBe(true));

  test.each([
    ["pay", "pay-1"],
    ["pay-*", "xpay-1"],
    ["PAY-*", "pay-1"],
    ["v?", "v"],
    ["v?", "v12"],
    ["a.b*", "axb"],
    ["a(b|c)*", "ab"],
    ["[ab]*", "a"],
    ["{a,b}*", "a"],
    ["!a*", "b"],
    ["a+?", "aab"],
    ["", "x"],
  ])("%s does not match %s", (glob, text) => expect(matches(glob, text)).toBe(false));

  test("each part given must match", () => {
    const match = { cluster: "prod-*", namespace: "payments-*", workload: "cart" };
    expect(resolveOwner(source, [{ match, team: "t" }], {}).team).toBe("unowned");
    expect(resolveOwner({ ...source, workload: "cart" }, [{ match, team: "t" }], {}).team).toBe("t");
  });

  test("any text matches itself and no glob throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (glob, text) => {
        expect(typeof matches(glob, text)).toBe("boolean");
        expect(matches(text, text)).toBe(true);
      }),
    );
  });
});
