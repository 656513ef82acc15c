/** What the docs show and link: configs go through their schema, manifests and rules through their checkers, links and paths lead somewhere. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import * as z from "zod";
import { checkConfig, explained } from "../../lib/config/parse.ts";
import { configSchema } from "../../lib/config/schema.ts";
import { readVerdicts } from "../../lib/config/verdicts.ts";
import { admit } from "../admission/admit.ts";
import { toolPath } from "../tools/ensure.ts";
import { tempFolder } from "../tools/temp.ts";
import { blocksOf, pages, root } from "./pages.ts";

const folder = tempFolder("docs-examples");
afterAll(() => folder.remove());
const file = (name: string, text: string) => {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
};
/** What a program says against a file; empty for a yes. */
const refused = (program: string, args: string[]): string[] => {
  try {
    execFileSync(program, args, { encoding: "utf8", stdio: "pipe" });
    return [];
  } catch (thrown) {
    return [String(thrown)];
  }
};

type Value = Record<string, unknown>;
const value = z.record(z.string(), z.unknown());
const keysOf = (one: Value) => Object.keys(one);
const among = (keys: readonly string[], known: readonly string[]) => keys.every((key) => known.includes(key));
const configKeys = Object.keys(configSchema.shape);
const cluster = { name: "prod", prometheus: { url: "https://prometheus.example" } };
const asConfig = (one: Value) => explained(configSchema.safeParse({ clusters: [cluster], ...one }).error);

/** The kinds of YAML that a page may show, and who checks them. A page's first sentence is enough to tell them apart. */
const classes: Record<string, { is(one: Value): boolean; faults(one: Value, text: string): string[] }> = {
  "a ServiceEntry": { is: (one) => one.kind === "ServiceEntry", faults: (one) => admit(one).map(String) },
  "another manifest of Istio's": {
    is: (one) => typeof one.kind === "string",
    faults: (one) => explained(istioKinds.safeParse(one).error),
  },
  "Prometheus' rules": {
    is: (one) => "groups" in one,
    faults: (_, text) => refused(toolPath("promtool"), ["check", "rules", file("rules.yaml", text)]),
  },
  "Alertmanager's config": {
    is: (one) => "receivers" in one,
    faults: (one) => explained(alertmanager.safeParse(one).error),
  },
  "a file of verdicts": {
    is: (one) => Array.isArray(one.verdicts),
    faults: (_, text) => {
      expect(readVerdicts(file("verdicts.yaml", text)).length).toBeGreaterThan(0);
      return [];
    },
  },
  "a config, or keys of one": {
    is: (one) => among(keysOf(one), configKeys),
    // The page about the config shows a whole one, whose parts have to fit together.
    faults: (one) => {
      if ("channels" in one && "clusters" in one) checkConfig(one, "example");
      return asConfig(one);
    },
  },
  "a kustomization's patches": {
    is: (one) => among(keysOf(one), ["patches"]),
    faults: (one) => kustomization.parse(one).patches.flatMap(astray),
  },
  "a cluster's Prometheus": {
    is: (one) => among(keysOf(one), ["prometheus"]),
    faults: (one) => asConfig({ clusters: [{ name: "prod", ...one }] }),
  },
  "channels by name": { is: (one) => keysOf(one).length === 1, faults: (channels) => asConfig({ channels }) },
};

const metadata = z.strictObject({ name: z.string(), namespace: z.string() });
const istioKinds = z.strictObject({
  apiVersion: z.literal("networking.istio.io/v1"),
  kind: z.literal("Sidecar"),
  metadata,
  spec: z.strictObject({ outboundTrafficPolicy: z.strictObject({ mode: z.enum(["REGISTRY_ONLY", "ALLOW_ANY"]) }) }),
});
const replacements = z.array(z.strictObject({ op: z.literal("replace"), path: z.string(), value: z.string() }));
const kustomization = z.strictObject({
  patches: z.array(
    z.strictObject({ target: z.strictObject({ kind: z.string(), name: z.string() }), patch: z.string() }),
  ),
});
/** What a patch of our own Kustomize base names has to be there. */
const astray = ({ target, patch }: z.infer<typeof kustomization>["patches"][number]): string[] => {
  const base = readFileSync(join(root, `infra/kubernetes/base/${target.kind.toLowerCase()}.yaml`), "utf8");
  const all = parseAllDocuments(base).filter((one) => one.getIn(["metadata", "name"]) === target.name);
  return replacements.parse(parseAllDocuments(patch)[0]?.toJS()).flatMap(({ path }) => {
    const keys = path
      .split("/")
      .slice(1)
      .map((key) => key.replaceAll("~1", "/"));
    return all.length === 1 && all[0]?.hasIn(keys) === true ? [] : [`${target.kind} ${target.name} has no ${path}`];
  });
};
/** amtool of Debian 12 does not know Teams yet: what is checked is that routes name receivers that are there. */
const route = z.object({ receiver: z.string(), matchers: z.array(z.string()).optional() });
const alertmanager = z
  .object({
    route: route.extend({ group_by: z.array(z.string()), routes: z.array(route) }),
    receivers: z.array(z.looseObject({ name: z.string() })),
  })
  .refine(({ route: top, receivers }) => {
    const names = receivers.map(({ name }) => name);
    return [top, ...top.routes].every(({ receiver }) => names.includes(receiver));
  });

const faultsOf = (text: string): string[] =>
  parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) return document.errors.map(String);
    const one = value.parse(document.toJS());
    const found = Object.values(classes).find(({ is }) => is(one));
    return found?.faults(one, text) ?? [`of no class: ${keysOf(one).join(", ")}`];
  });

describe("examples in YAML", () => {
  const blocks = pages.flatMap(blocksOf).filter(({ language }) => language === "yaml");

  it.each(blocks.map((block) => [`${block.page}:${block.line}`, block.text]))("%s", (_, text) => {
    expect(faultsOf(text)).toEqual([]);
  });

  it.each([
    ["an unknown key of a config", "notify: { repat: 24h }"],
    ["a channel that is none", "siem: { webhok: { url: https://siem.example } }"],
    [
      "an entry that no cluster takes",
      "{ apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: { name: a }, spec: {} }",
    ],
    ["a rule that is no PromQL", "groups: [{ name: a, rules: [{ alert: A, expr: 'sum by (' }] }]"],
    [
      "a patch of what is not there",
      `patches: [{ target: { kind: NetworkPolicy, name: egress-scout }, patch: '[{ op: replace, path: "/spec/egress/9", value: a }]' }]`,
    ],
    ["what nobody knows", "{ one: 1, two: 2 }"],
    ["no YAML", "a: [1"],
  ])("would be caught: %s", (_, text) => {
    expect(faultsOf(text)).not.toEqual([]);
  });

  it("are the only ones: no JSON is shown that no test makes", () => {
    expect(pages.flatMap(blocksOf).filter(({ language }) => /^json/.test(language))).toEqual([]);
  });
});

/** As GitHub makes them of headings. */
const anchors = (text: string): string[] =>
  [...text.replaceAll(/^```.*?^```$/gms, "").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

describe("links", () => {
  const broken = ({ path, text }: (typeof pages)[number]): string[] =>
    [...text.replaceAll(/^```.*?^```$/gms, "").matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => {
      if (/^(https?|mailto):/.test(link)) return [];
      const [target = "", anchor] = link.split("#");
      const to = target === "" ? path : normalize(join(dirname(path), target));
      if (!existsSync(join(root, to))) return [`${path}: ${link}`];
      const there = anchor === undefined || anchors(readFileSync(join(root, to), "utf8")).includes(anchor);
      return there ? [] : [`${path}: ${link}`];
    });

  it("lead to pages and headings that are there", () => {
    expect(pages.flatMap(broken)).toEqual([]);
    expect(broken({ path: "docs/x.md", text: "[a](y.md) [b](words.md#nothing) [c](https://example.com)" })).toEqual([
      "docs/x.md: y.md",
      "docs/x.md: words.md#nothing",
    ]);
  });

  it("lead from the README to every page", () => {
    const readme = pages.find(({ path }) => path === "README.md")?.text ?? "";
    const missed = pages.filter(({ path }) => path !== "README.md" && !readme.includes(`(${path}`));
    expect(missed.map(({ path }) => path)).toEqual([]);
  });
});

describe("paths of this repository", () => {
  const named = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/`((?:lib|bin|functions|page|test|infra|docs)\/[\w./-]+)`/g)].map(([, name = ""]) => ({
      path,
      name,
    })),
  );
  /** Made by what the page tells to do. */
  const made = ["infra/manifests/", "infra/kubernetes/mine"];

  it("are there", () => {
    const gone = named.filter(
      ({ name }) => !made.includes(name) && !["", ".ts"].some((end) => existsSync(join(root, name + end))),
    );
    expect(gone.map(({ path, name }) => `${path}: ${name}`)).toEqual([]);
    expect(named.length).toBeGreaterThan(50);
  });
});

describe("docs/permissions.md", () => {
  it("has every action that a role may have, and no other but those of who calls", () => {
    const [, section = ""] = readFileSync(join(root, "docs/permissions.md"), "utf8").split("## AWS\n");
    const told = new Set<string>();
    let of = "";
    for (const [, name = "", action = ""] of section.matchAll(/`(?:(\w+):)?([A-Z]\w+)`/g)) {
      if (name !== "") of = name;
      told.add(`${of}:${action}`);
    }
    const roles = ["roles", "http", "slack", "options", "schedule"].map((name) =>
      readFileSync(join(root, `infra/${name}.yml`), "utf8").replaceAll(/^\s*Condition:.*?(?=^\s*- |^\s*\w+:$)/gms, ""),
    );
    const allowed = new Set(
      roles.flatMap((text) => [...text.matchAll(/\b([a-z0-9]+:[A-Z]\w+)\b/g)].map(([one]) => one)),
    );
    // Conditions, and what a service does to take a role.
    const plumbing = /^(sts|aws):|^kms:ViaService|^lambda:SourceFunctionArn/;
    expect([...allowed].filter((one) => !told.has(one) && !plumbing.test(one))).toEqual([]);
    expect([...told].filter((one) => !allowed.has(one))).toEqual(["lambda:InvokeFunctionUrl"]);
  });
});
