/** Who owns what, end to end, on each server: labels of kube-state-metrics, a Backstage catalogue, a file of owners, the default. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";
import { labelText } from "../mesh/counters.ts";
import { history } from "../mesh/history.ts";
import { tempFolder } from "../tools/temp.ts";
import { onEachServer } from "./exact-servers.ts";
import { runScout, scanJson } from "./run-scout.ts";

const minute = 60_000;
const end = Date.UTC(2026, 10, 20, 12);
const begin = end - 30 * minute;

const callers = [
  ["fixed", "any"],
  ["payments", "checkout"],
  ["shop", "web"],
  ["split", "web"],
  ["even", "web"],
  ["jobs", "report"],
  ["front", "site"],
  ["front", "other"],
  ["back", "api"],
  ["odd", "web"],
  ["cat", "cart"],
  ["own", "thing"],
  ["lost", "soul"],
] as const;

const mesh = history(
  (mesh, timetable) => {
    for (const [namespace, workload] of callers) {
      const pod = mesh.pod({ namespace, workload });
      timetable.at(end - 3 * minute, () => pod.http({ host: "new.example.com", to: "198.51.100.4:80" }));
    }
  },
  { from: begin, to: end, everyMs: 15_000 },
);

type Series = [metric: string, labels: Record<string, string>, until?: number];
/** As kube-state-metrics tells it, twice over where there are two of them. */
const told: Series[] = [
  ...["a:8080", "b:8080"].flatMap((instance): Series[] => [
    ["kube_namespace_labels", { cluster: "prod", namespace: "payments", label_team: "payments", instance }],
    ["kube_namespace_labels", { cluster: "stage", namespace: "payments", label_team: "stagers", instance }],
    ["kube_pod_labels", { namespace: "front", pod: "site-7d9f8c6b5d-x2x4z", label_owner: "web", instance }],
    [
      "kube_pod_owner",
      {
        namespace: "front",
        pod: "site-7d9f8c6b5d-x2x4z",
        owner_kind: "ReplicaSet",
        owner_name: "site-7d9f8c6b5d",
        instance,
      },
    ],
  ]),
  // A pod of two owners must not spoil the join for all others.
  ["kube_pod_labels", { namespace: "front", pod: "odd-0", label_owner: "odd" }],
  ["kube_pod_owner", { namespace: "front", pod: "odd-0", owner_kind: "StatefulSet", owner_name: "odd" }],
  ["kube_pod_owner", { namespace: "front", pod: "odd-0", owner_kind: "StatefulSet", owner_name: "old" }],
  ["kube_namespace_labels", { namespace: "monitoring", exported_namespace: "shop", label_team: "shop" }],
  ["kube_namespace_labels", { namespace: "split", label_team: "b", uid: "1" }],
  ["kube_namespace_labels", { namespace: "split", label_team: "b", uid: "2" }],
  ["kube_namespace_labels", { namespace: "split", label_team: "a", uid: "3" }],
  ["kube_namespace_labels", { namespace: "even", label_team: "y" }],
  ["kube_namespace_labels", { namespace: "even", label_team: "x" }],
  ["kube_namespace_labels", { namespace: "back", label_team: "backers" }],
  ["kube_namespace_labels", { namespace: "fixed", label_team: "not asked" }],
  ["kube_deployment_labels", { namespace: "back", deployment: "api", label_team: "api" }],
  ["kube_deployment_labels", { namespace: "back", deployment: "elsewhere", label_team: "nobody" }],
  ["kube_pod_labels", { namespace: "jobs", pod: "report-28500000-abcde", label_owner: "analytics" }, end - 8 * minute],
  [
    "kube_pod_owner",
    { namespace: "jobs", pod: "report-28500000-abcde", owner_kind: "Job", owner_name: "report-28500000" },
    end - 8 * minute,
  ],
  [
    "kube_namespace_annotations",
    { namespace: "odd", annotation_example_com_owner: `<!channel>\u202e\`${"x".repeat(3000)}` },
  ],
  ["kube_namespace_annotations", { namespace: "lost", annotation_example_com_owner: "  " }],
];

function* stateMetrics(): Generator<string> {
  for (const metric of [...new Set(told.map(([name]) => name))].sort()) {
    yield `# TYPE ${metric} gauge\n`;
    for (const [name, labels, until = end] of told) {
      if (name !== metric) continue;
      const times: number[] = [];
      for (let time = begin; time <= until; time += minute) times.push(time);
      yield times.map((time) => `${metric}{${labelText({ job: "ksm", ...labels })}} 1 ${time / 1000}\n`).join("");
    }
  }
  yield "# EOF\n";
}
const past = { ...mesh, chunks: stateMetrics, text: () => [...stateMetrics()].join("") };

const rules = `owners:
  - { match: { namespace: fixed }, team: fixed, channels: [] }
  - { label: { metric: kube_deployment_labels, name: label_team } }
  - { label: { metric: kube_pod_labels, name: label_owner } }
  - { match: { namespace: "*" }, label: { metric: kube_namespace_labels, name: label_team } }
  - { label: { metric: kube_namespace_annotations, name: annotation_example_com_owner } }
  - { label: { metric: no_such_metric, name: label_team } }
  - { label: { metric: 'up{a="b"} or vector(1)', name: label_team } }
  - { backstage: ./catalogue }
  - { codeowners: ./OWNERS }
`;

const catalogue = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: Cart-Service, annotations: { backstage.io/kubernetes-id: cart, backstage.io/kubernetes-namespace: cat } }
spec: { type: service, owner: "group:default/shoppers" }
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: { name: shoppers }
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: "*" }
spec: { owner: everybody }
`;

const folder = tempFolder("owners");
let count = 0;

/** A config with these rules, in a folder of its own beside their files. */
function configured(url: string, owners: string, matchers = ""): string {
  const dir = join(folder.path, `${count++}`);
  mkdirSync(join(dir, "catalogue", "deep"), { recursive: true });
  writeFileSync(join(dir, "catalogue", "deep", "catalog-info.yaml"), catalogue);
  writeFileSync(
    join(dir, "OWNERS"),
    "* nobody\nown/ @acme/owning # ours\n{a,b}/c team\nlost/\ncat/* wrong\nsplit/web x y\n",
  );
  writeFileSync(
    join(dir, "egress-scout.yaml"),
    `clusters: [{ name: prod, prometheus: { url: "${url}", matchers: '${matchers}' } }]\n${owners}state: "memory:"\n`,
  );
  return join(dir, "egress-scout.yaml");
}

afterAll(folder.remove);

onEachServer([mesh, past], (_, url) => {
  let plain: ScanDocument;
  let result: ScanDocument;
  const scan = (config: string) =>
    scanJson(["--config", config, "--dns", "127.0.0.1:9", "--no-learn", "--since", "10m", "--at", `${end / 1000}`]);
  const owners = ({ findings }: ScanDocument) =>
    findings.map(({ source, owner }) => `${source.namespace}/${source.workload} ${owner.from} ${owner.team}`).sort();

  beforeAll(async () => {
    plain = await scan(configured(url(), ""));
    result = await scan(configured(url(), rules));
  }, 60_000);

  it("each by the first rule that tells a team", () => {
    expect(owners(result).filter((one) => !one.startsWith("odd"))).toEqual([
      "back/api label:label_team api",
      "cat/cart backstage shoppers",
      "even/web label:label_team x",
      "fixed/any config fixed",
      "front/other codeowners nobody",
      "front/site label:label_owner web",
      "jobs/report label:label_owner analytics",
      "lost/soul default unowned",
      "own/thing codeowners owning",
      "payments/checkout label:label_team payments",
      "shop/web label:label_team shop",
      "split/web label:label_team b",
    ]);
  });

  it("what somebody wrote into an annotation is printable and short", () => {
    const team = result.findings.find(({ source }) => source.namespace === "odd")?.owner.team ?? "";
    expect(team).toMatch(/^\\u003c!channel\\u003e\\u202e\\u0060x+\.\.\.$/);
    expect(team.length).toBeLessThan(110);
  });

  it("one query tells all labels, and none is asked where no rule needs one", async () => {
    expect(result.run.queries - plain.run.queries).toBe(1);
    const fixed = await scan(configured(url(), `owners:\n  - { team: all }\n${rules.replace("owners:\n", "")}`));
    expect(fixed.run.queries).toBe(plain.run.queries);
    expect(new Set(fixed.findings.map(({ owner }) => `${owner.from} ${owner.team}`))).toEqual(new Set(["default all"]));
  });

  it("says what is not there, what is said twice, what could not be read, and who has no owner", () => {
    expect(result.run.warnings.filter((one) => one.includes("owner"))).toEqual([
      expect.stringMatching(/^owners\[7\]\.backstage: passed over: document 2 of .*catalog-info.yaml is no Component/),
      'owners[8].codeowners: passed over: line 3: "{a,b}/c" is not NAMESPACE/WORKLOAD with * and ?',
      "owners[6].label is no name that Prometheus can have: the rule is passed over",
      expect.stringMatching(
        /^owners\[5\]: Prometheus has no no_such_metric with the label label_team: the rule is passed/,
      ),
      'owners[3]: label_team has several values for 2 workloads (even/web: "x", "y"): the one that most series have decides, else the first in order',
      "1 finding without an owner (lost/soul, for example): no rule of owners tells a team; no owner's channel is told",
    ]);
    expect(plain.run.warnings.filter((one) => one.includes("owner"))).toEqual([]);
  });

  it("the cluster's matchers hold for these metrics, too", async () => {
    const none = await scan(
      configured(url(), rules.replace(/ {2}- \{ (backstage|codeowners).*\n/g, ""), 'job!="ksm",'),
    );
    expect(new Set(owners(none).map((one) => one.split(" ").slice(1).join(" ")))).toEqual(
      new Set(["config fixed", "default unowned"]),
    );
    expect(none.run.warnings.filter((one) => /^owners\[\d\]: Prometheus has no/.test(one))).toHaveLength(5);
  });

  it("plan names owners by the same rules", async () => {
    const config = configured(url(), rules);
    const at = `${end / 1000}`;
    const { code, stdout } = await runScout([
      "plan",
      "--config",
      config,
      "--dns",
      "127.0.0.1:9",
      "--since",
      "10m",
      "--at",
      at,
      "--format",
      "json",
    ]);
    expect(code).toBe(0);
    const { wouldBreak } = JSON.parse(stdout);
    const checkout = wouldBreak.find((one: { source: { workload: string } }) => one.source.workload === "checkout");
    expect(checkout.owner).toMatchObject({ team: "payments", from: "label:label_team" });
  });
});

it("files that cannot be read are mistakes, told at once", async () => {
  const config = configured("http://127.0.0.1:9", "owners: [{ backstage: ./no }, { codeowners: ./none.txt }]\n");
  const { code, stderr } = await runScout(["scan", "--config", config]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/owners\[0\]: .*\/no cannot be read \(ENOENT\)/);
  expect(stderr).toMatch(/owners\[1\]: .*\/none.txt cannot be read \(ENOENT\)/);
});
