/** ServiceEntries for `lint`, and manifests in force: any text is documents, each read or told as broken. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect } from "vitest";
import { stringify } from "yaml";
import { readExisting } from "../../lib/config/existing.ts";
import { census, lint, type Problem } from "../../lib/istio/lint/index.ts";
import { lintDocument, lintSchema, lintText } from "../../lib/report/lint.ts";
import { readDocuments } from "../../lib/words/documents.ts";
import { manifest } from "../istio/lint/manifests.ts";
import { tempFolder } from "../tools/temp.ts";
import { yamlPieces } from "./config.ts";
import { deepJson, mutated, repeated } from "./mutate.ts";
import { expectPrintable, property } from "./property.ts";
import { mutatedTree } from "./trees.ts";

const file = join(tempFolder("fuzz-manifests").path, "manifests.yaml");

const yaml = fc.oneof(
  manifest.map((one) => stringify(one)),
  fc.array(manifest, { maxLength: 4 }).map((all) => all.map((one) => stringify(one)).join("---\n")),
  fc.array(manifest, { maxLength: 3 }).map((items) => stringify({ apiVersion: "v1", kind: "List", items })),
  manifest.map((one) => JSON.stringify(one, null, 2)),
);
const texts = fc.oneof(
  { weight: 8, arbitrary: mutated(yaml, yamlPieces) },
  { weight: 1, arbitrary: repeated(yamlPieces) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(manifest, fc.constantFrom("spec", "metadata", "status", "x"), deepJson)
      .map(([one, key, deep]) => JSON.stringify({ ...one, [key]: 0 }).replace(`"${key}":0`, `"${key}":${deep}`)),
  },
  { weight: 1, arbitrary: deepJson.map((deep) => `{"apiVersion":"v1","kind":"List","items":[${deep}]}`) },
);

function expectLinted(text: string): void {
  const documents = readDocuments(text).map((one) => ({ ...one, file }));
  expect(documents.map(({ index }) => index)).toEqual([...documents.keys()]);
  const problems = lint(documents);
  const counted = census(documents);
  expect(counted.serviceEntries + counted.passedOver).toBeLessThanOrEqual(1_000_000);
  // What could not be read is told, each once.
  const broken = documents.filter(({ fault }) => fault !== null);
  expect(problems.filter(({ code }) => /^ES000[123]$/.test(code)).map((one) => one.document)).toEqual(
    broken.map((one) => one.index),
  );
  expectTold(problems, documents.length);
  expect(lint(documents)).toEqual(problems);
}

function expectTold(problems: readonly Problem[], documents: number): void {
  const checked = { files: 1, documents, serviceEntries: 0, passedOver: 0 };
  lintSchema.parse(lintDocument({ problems, checked }));
  for (const { message, path, document } of problems) {
    expectPrintable(message);
    expectPrintable(path);
    expect(document).toBeLessThan(documents);
  }
  expectPrintable(lintText({ problems, checked }, { colour: false }), true);
}

export const properties = [
  property("lint: any text is documents, each with its problems or told as broken", 20, texts, expectLinted),
  property("lint: any object gets problems and no error", 20, mutatedTree(manifest), (value) => {
    const problems = lint([{ file, index: 0, value, fault: null }]);
    expectTold(problems, 1);
  }),
  property("manifests in force: any file is read, and what is broken in it told", 20, texts, (text) => {
    writeFileSync(file, text);
    const { entries, objects, warnings } = readExisting([file]);
    const broken = readDocuments(Buffer.from(text).toString("utf8")).filter(({ fault }) => fault !== null);
    expect(warnings).toHaveLength(broken.length);
    for (const one of warnings) expectPrintable(one);
    expect(entries.length).toBeLessThanOrEqual(objects.length);
    for (const { hosts, addresses, name, namespace } of entries) {
      for (const one of [...hosts, name, namespace]) expectPrintable(one);
      for (const host of hosts) expect(host).toMatch(/^(\*\.)?[a-z0-9.-]{1,253}$/);
      expect(addresses.every((one) => typeof one === "string")).toBe(true);
    }
  }),
];
