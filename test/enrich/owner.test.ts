import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { labelRules, type OwnerRule, resolveOwner } from "../../lib/enrich/owner.ts";
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

  test("the default where none does and no label tells", () => {
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

describe("a team that is looked up", () => {
  const other = { ...source, namespace: "shop" };
  const line = { cluster: "*", namespace: "sh?p", workload: "*", team: "shop" };
  const file = { from: "codeowners" as const, lines: [line] };
  const platform = { team: "platform", channels: ["slack-platform"] };

  test("a label's value, with the rule's channels", () => {
    const expected = { team: "shop", from: "label:label_team", channels: ["slack-platform"] };
    expect(resolveOwner(other, rules, {}, () => "shop")).toEqual(expected);
    expect(resolveOwner(source, rules, {}, () => "shop").team).toBe("payments");
    expect(resolveOwner(other, rules, {}, () => "").from).toBe("default");
  });

  test("a file's first line that matches; the next rule where it says that it is nobody's", () => {
    expect(resolveOwner(other, [{ file, channels: ["a"] }], {})).toEqual({
      team: "shop",
      from: "codeowners",
      channels: ["a"],
    });
    const none = { ...file, lines: [{ ...line, workload: "check*", team: null }, line] };
    expect(resolveOwner(other, [{ file: none }, platform], {}).team).toBe("platform");
    expect(resolveOwner({ ...other, workload: "cart" }, [{ file: none }, platform], {}).team).toBe("shop");
  });

  test("the team's own channels, else the rule's, else the default's", () => {
    const all = [{ file }, platform];
    expect(resolveOwner(other, all, { shop: { channels: ["slack-shop"] } }).channels).toEqual(["slack-shop"]);
    expect(resolveOwner(other, [{ file, channels: [] }, platform], {}).channels).toEqual([]);
    expect(resolveOwner(other, all, {}).channels).toEqual(["slack-platform"]);
    expect(resolveOwner(other, [{ file }], {}).channels).toEqual([]);
  });

  test("only the rules before one that decides are asked for a label", () => {
    const label = { metric: "m", name: "n" };
    const some: OwnerRule[] = [
      { label },
      { match: { namespace: "x" }, label },
      { file },
      { label },
      platform,
      { label },
    ];
    expect(labelRules(other, some)).toEqual([0]);
    expect(labelRules({ ...other, namespace: "x" }, some)).toEqual([0, 1, 3]);
    expect(labelRules(source, [platform, { label }])).toEqual([]);
  });

  test("whatever somebody wrote is printable and short; a team of the config keeps its name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
        const { team, from } = resolveOwner(other, rules, {}, () => text);
        expect(team).toMatch(/^[\x20-\x3b\x3d\x3f-\x5f\x61-\x7e]{1,103}$/);
        expect(from === "default").toBe(text === "");
      }),
    );
    expect(resolveOwner(other, rules, { équipe: { channels: ["a"] } }, () => "équipe")).toMatchObject({
      ...{ team: "équipe", channels: ["a"] },
    });
    expect(resolveOwner(other, rules, {}, () => "constructor").channels).toEqual(["slack-platform"]);
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
