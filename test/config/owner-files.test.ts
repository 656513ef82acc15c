import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { parseCatalogue } from "../../lib/config/backstage.ts";
import { parseCodeowners, teamName } from "../../lib/config/codeowners.ts";
import { readOwnerFile } from "../../lib/config/owner-files.ts";
import { tempFolder } from "../tools/temp.ts";
import { mistakes, smallest } from "./make.ts";

const line = (namespace: string, workload: string, team: string | null, cluster = "*") => ({
  ...{ cluster, namespace, workload, team },
});

describe("a file of owners", () => {
  it("is read as CODEOWNERS is, the last line first", () => {
    const text = `\uFEFF# who owns what
*                    @acme/platform
payments/            payments   # all of it
/shop/web-*          @acme/web other
shop/**              shop
front                one@example.com\r
shop/left-?

`;
    expect(parseCodeowners(text)).toEqual({
      lines: [
        line("shop", "left-?", null),
        line("front", "*", "one@example.com"),
        line("shop", "*", "shop"),
        line("shop", "web-*", "web"),
        line("payments", "*", "payments"),
        line("*", "*", "platform"),
      ],
      faults: [],
    });
  });

  it("passes over what it cannot mean, and says where", () => {
    const { lines, faults } = parseCodeowners("a/b/c x\n[Section]\n!a/b x\n{a,b} x\na/\u202eb x\n/ x\nok y\n");
    expect(lines).toEqual([line("ok", "*", "y")]);
    expect(faults.map((one) => one.split(":")[0])).toEqual([1, 2, 3, 4, 5, 6].map((n) => `line ${n}`));
    expect(faults[4]).toBe('line 5: "a/\\u202eb" is not NAMESPACE/WORKLOAD with * and ?');
  });

  it("never throws, and what it gives is short and printable", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const { lines, faults } = parseCodeowners(text);
        for (const one of [...faults, ...lines.map(({ team }) => team ?? "x")]) expect(one).toMatch(/^[\x20-\x7e]+$/);
      }),
    );
  });

  it.each([
    ["@acme/payments", "payments"],
    ["group:default/payments", "payments"],
    ["group:payments", "payments"],
    ["@someone", "someone"],
    ["payments", "payments"],
    ["a/", "a/"],
    ["<!here>", "\\u003c!here\\u003e"],
  ])("takes %s for the team %s", (text, team) => expect(teamName(text)).toBe(team));
});

const component = (name: string, owner: unknown, annotations: Record<string, unknown> = {}) =>
  `${JSON.stringify({ apiVersion: "backstage.io/v1alpha1", kind: "Component", metadata: { name, annotations }, spec: { owner } })}\n`;
const at = (kind: string, value: string) => ({ [`backstage.io/kubernetes-${kind}`]: value });
const catalogue = (...texts: string[]) => parseCatalogue(texts.map((text, index) => ({ file: `${index}.yaml`, text })));

describe("a Backstage catalogue", () => {
  it("gives what says most of the place first", () => {
    const { lines, faults } = catalogue(
      component("web", "group:default/web", { "backstage.io/techdocs-ref": "dir:." }),
      component("pay-service", "payments", { ...at("id", "pay"), ...at("namespace", "payments") }),
      component("pay", "stagers", { ...at("namespace", "payments"), ...at("cluster", "arn:aws:eks:x/stage") }),
    );
    expect(faults).toEqual([]);
    expect(lines).toEqual([
      line("payments", "pay", "stagers", "arn:aws:eks:x/stage"),
      line("payments", "pay", "payments"),
      line("*", "web", "web"),
    ]);
  });

  it("passes over other kinds in silence, and what is broken with a word", () => {
    const { lines, faults } = catalogue(
      "kind: System\nmetadata: { name: x }\n---\n---\nkind: Component\n",
      "{ no: [yaml\n",
      component("*", "a") + component("w", "a", at("namespace", "*")) + component("w", ["a"]) + component("w", " "),
      component("ok", "a"),
      component("ok", "b"),
      component("ok", "a"),
    );
    expect(lines).toEqual([line("*", "ok", "a")]);
    expect(faults.map((one) => one.replace(/ \(.*/, ""))).toEqual([
      "document 2 of 0.yaml is no Component with a name and a spec.owner",
      "document 0 of 1.yaml is no YAML",
      ...[0, 1, 2, 3].map((n) => `document ${n} of 2.yaml is no Component with a name and a spec.owner`),
      "document 0 of 4.yaml gives */ok to b, and a has it",
    ]);
  });
});

describe("the files of a rule", () => {
  const folder = tempFolder("owner-files");
  afterAll(folder.remove);

  it("are read from folders and files, each once; a fault is told with its rule", () => {
    mkdirSync(join(folder.path, "deep"));
    const deep = join(folder.path, "deep", "catalog-info.yml");
    writeFileSync(deep, component("web", "web"));
    writeFileSync(join(folder.path, "README.md"), "# no YAML: [");
    writeFileSync(join(folder.path, "broken.yaml"), "{ [\n---\n{ [\n");
    const read = readOwnerFile({ backstage: [folder.path, deep] }, "owners[3]");
    expect(read?.lines).toEqual([line("*", "web", "web")]);
    expect(read?.warnings).toEqual([
      expect.stringMatching(
        /^owners\[3\]\.backstage: passed over: document 0 of .*broken.yaml is no YAML .*, and 1 more$/,
      ),
    ]);
    expect(readOwnerFile({}, "owners[0]")).toBeNull();
    mkdirSync(join(folder.path, "empty"));
    expect(readOwnerFile({ backstage: join(folder.path, "empty") }, "owners[0]")?.warnings).toEqual([
      expect.stringMatching(/^owners\[0\]\.backstage: passed over: .*empty is a folder without /),
    ]);
  });

  it("are `config/unreadable` where they cannot be read", () => {
    expect(() => readOwnerFile({ codeowners: folder.path }, "owners[0]")).toThrow(/cannot be read \(EISDIR\)/);
    expect(() => readOwnerFile({ backstage: join(folder.path, "none") }, "owners[0]")).toThrow(/\(ENOENT\)/);
  });

  it("are not beside another way to tell the team", () => {
    const said = "told its team by one of team, label, backstage and codeowners alone";
    expect(
      mistakes(smallest("owners: [{ backstage: a, codeowners: b }, { label: { metric: m, name: n }, team: t }]")),
    ).toEqual([`owners[0]: must be ${said}`, `owners[1]: must be ${said}`]);
    expect(mistakes(smallest("owners: [{ backstage: [] }, { codeowners: [a] }]"))).toHaveLength(2);
  });
});
