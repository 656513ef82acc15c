import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OwnerRule } from "../lib/enrich/owner.ts";
import { ScoutError } from "../lib/errors.ts";
import type { Series } from "../lib/model.ts";
import { ownersOf } from "../lib/owners.ts";
import { ownerLabelsQuery } from "../lib/poll/owner-labels.ts";
import type { Telemetry } from "../lib/poll/telemetry.ts";

const source = { cluster: "prod", namespace: "shop", workload: "web" };
const label = { metric: "kube_namespace_labels", name: "label_team" };
const rules: OwnerRule[] = [
  { match: { namespace: "sh*" }, label },
  { team: "platform", channels: ["slack"] },
];
const when = { at: 0, matchers: "" };

/** Answers as told, or throws; counts what it is asked. */
function telemetry(answer: Series[] | Error): Telemetry & { asked(): { queries: number; warnings: string[] } } {
  let queries = 0;
  return {
    vector: async () => {
      queries += 1;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    samples: async () => [],
    range: async () => [],
    asked: () => ({ queries, warnings: [] }),
  };
}
const row = (labels: Record<string, string>, value = 1): Series => ({ labels: { es_place: "0", ...labels }, value });

describe("the owners of a run", () => {
  it("are found by the next rule where Prometheus does not tell, and it is said", async () => {
    const away = telemetry(new ScoutError("prometheus/timeout", "no answer within 30 s"));
    const { ownerOf, teamOf, warnings } = await ownersOf({ telemetry: away, owners: rules, teams: {} }, [source], when);
    expect(ownerOf(source)).toEqual({ team: "platform", from: "default", channels: ["slack"] });
    expect(teamOf(source)).toBeNull();
    expect(warnings).toEqual([
      "owners: labels could not be asked for (prometheus/timeout: no answer within 30 s): the next owner rules decide, and may be wrong",
    ]);
  });

  it("a fault of our own is no failure of Prometheus", async () => {
    const parts = { telemetry: telemetry(new TypeError("x is not a function")), owners: rules, teams: {} };
    await expect(ownersOf(parts, [source], when)).rejects.toThrow(TypeError);
  });

  it("rows that nobody asked for, or that make no sense, say nothing", async () => {
    const rows = [
      row({ namespace: "elsewhere", label_team: "x" }),
      row({ label_team: "x" }),
      row({ namespace: "shop", label_team: "  " }),
      row({ namespace: "shop", es_place: "7", label_team: "x" }),
      row({ namespace: "shop", deployment: "api", label_team: "x" }, Number.NaN),
    ];
    const { ownerOf } = await ownersOf({ telemetry: telemetry(rows), owners: rules, teams: {} }, [source], when);
    expect(ownerOf(source).team).toBe("platform");
  });

  it("of a namespace that was not asked for, a team is not guessed", async () => {
    const one = telemetry([row({ namespace: "shop", label_team: "shop" })]);
    const { teamOf } = await ownersOf({ telemetry: one, owners: rules, teams: {} }, [source], when);
    expect(teamOf({ ...source, workload: "api" })).toBe("shop");
    expect(teamOf({ ...source, namespace: "ship" })).toBeNull();
    expect(teamOf({ ...source, namespace: "other" })).toBe("platform");
  });

  it("are not asked for without findings, nor for what is of no namespace", async () => {
    const one = telemetry([]);
    const owners: OwnerRule[] = [{ label }];
    await ownersOf({ telemetry: one, owners, teams: {} }, [], when);
    await ownersOf({ telemetry: one, owners, teams: {} }, [{ cluster: "prod", namespace: "", workload: "" }], when);
    expect(one.asked().queries).toBe(0);
  });

  it("without any, the gap is told with its count, an example, and who gets it", async () => {
    const owners: OwnerRule[] = [{ match: { namespace: "x" }, team: "x" }, { channels: ["slack"] }];
    const sources = [{ ...source, workload: "<!here>" }, source, { ...source, namespace: "x" }];
    const { warnings } = await ownersOf({ telemetry: telemetry([]), owners, teams: {} }, sources, when);
    expect(warnings).toEqual([
      "2 findings without an owner (shop/\\u003c!here\\u003e, for example): no rule of owners tells a team; told to slack",
    ]);
    expect((await ownersOf({ telemetry: telemetry([]), owners: [], teams: {} }, sources, when)).warnings).toEqual([]);
  });
});

it("a query is never longer than a server takes, whatever the namespaces are called", () => {
  const places = [
    label,
    { metric: "kube_pod_labels", name: "label_team" },
    { metric: "kube_deployment_labels", name: "x" },
  ];
  const names = fc.array(fc.string({ unit: "binary", maxLength: 63 }), { maxLength: 400 });
  fc.assert(
    fc.property(names, (namespaces) => {
      expect(ownerLabelsQuery(places, namespaces, "").length).toBeLessThan(16 * 1024);
    }),
    { numRuns: 50 },
  );
});
