/** The config file: whatever stands in it is a config, or every mistake at once, told without the values. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect } from "vitest";
import { errorText } from "../../bin/failure.ts";
import { checkConfig } from "../../lib/config/parse.ts";
import { readYaml } from "../../lib/config/yaml.ts";
import { deepJson, mutated, repeated } from "./mutate.ts";
import { answered, expectPrintable, property } from "./property.ts";
import { hostileText } from "./texts.ts";
import { mutatedTree } from "./trees.ts";

const example = readFileSync(new URL("../data/config-example.yaml", import.meta.url), "utf8");
const file = "scout.yaml";

/** What YAML makes more of than text. */
export const yamlPieces = fc.oneof(
  fc.constantFrom(
    ...[
      "&a [*a]",
      "&a { x: *a }",
      "&a",
      "*a",
      "<<: *a",
      "<<: { name: x }",
      "!!binary aGk=",
      "!!set { a }",
      "!!omap",
      "!x y",
    ],
    ...[
      "? [a]\n: b",
      "? { a: b }\n: c",
      "- ",
      "\n- ",
      "\n  ",
      ": ",
      "#",
      "|\n  a",
      ">-\n  a",
      '"',
      "'",
      "[",
      "]",
      "{",
      "}",
      ",",
    ],
    ...[
      "~",
      "null",
      ".nan",
      "-.inf",
      "0x1F",
      "0o17",
      "1_000",
      "2026-11-22",
      "12:30:45",
      "yes",
      "---\n",
      "...\n",
      "%YAML 1.1\n---\n",
    ],
    ...["__proto__: { a: b }", "constructor: x", "\t", "\u0085", "\u2028", "\ufeff", "\u0000", "\ud800", "\r"],
  ),
  hostileText,
);

/** Aliases of aliases, and nesting without end. */
const bombs = fc.oneof(
  deepJson.map((deep) => `{"clusters":${deep}}`),
  fc
    .tuple(fc.constantFrom("? ", "- ? ", "? - ", "? ? a: "), fc.constantFrom(10, 200, 400))
    .map(([one, depth]) => one.repeat(depth)),
  fc
    .nat({ max: 30 })
    .map((depth) =>
      Array.from({ length: depth + 2 }, (_, index) =>
        index === 0 ? "a0: &a0 [x, x, x, x]" : `a${index}: &a${index} [*a${index - 1}, *a${index - 1}, *a${index - 1}]`,
      ).join("\n"),
    ),
  repeated(fc.constantFrom("[", "{", "- ", "? ", "a: {", "[[]", "&a ", "!!x ", '"', "a:\n ", "*a ", "\n", "#", "-\n")),
  fc.nat({ max: 5_000 }).map((depth) =>
    Array.from({ length: depth }, (_, index) => `${" ".repeat(index)}a:`)
      .join("\n")
      .slice(0, 100_000),
  ),
);

const secret = "hunter2-x7Qz";
const leaves = fc.constantFrom(
  secret,
  `https://hooks.example/${secret}`,
  `https://user:${secret}@prom.example`,
  [secret],
  { password: secret },
);

async function expectConfig(value: () => unknown, secrets: readonly string[] = []): Promise<void> {
  const config = await answered(() => checkConfig(value(), file), secrets);
  if (config !== null) expect(checkConfig(value(), file)).toEqual(config);
}

/** As the command prints it. */
async function expectTold(work: () => unknown): Promise<void> {
  try {
    work();
  } catch (thrown) {
    expectPrintable(errorText(thrown), true);
  }
}

/** The example with a secret in the clear in one place. */
const leaking = fc
  .tuple(mutatedTree(fc.constant(readYaml(example, file))), leaves, fc.nat())
  .map(([value, leaf, at]) => {
    let left = at % 200;
    return JSON.parse(JSON.stringify(value) ?? "null", (_, one: unknown) => {
      const isLeaf = typeof one !== "object" || one === null;
      if (!isLeaf) return one;
      left -= 1;
      return left === 0 ? leaf : one;
    }) as unknown;
  });

export const properties = [
  property(
    "config: any text is a config or all its mistakes",
    20,
    mutated(fc.constant(example), yamlPieces),
    async (text) => {
      await expectConfig(() => readYaml(text, file));
      await expectTold(() => checkConfig(readYaml(text, file), file));
    },
  ),
  property("config: bombs end in mistakes", 20, bombs, async (text) => {
    await expectConfig(() => readYaml(text, file));
    await expectTold(() => checkConfig(readYaml(text, file), file));
  }),
  property(
    "config: any tree is a config or all its mistakes",
    20,
    mutatedTree(fc.constant(readYaml(example, file))),
    async (value) => {
      await expectConfig(() => value);
      await expectTold(() => checkConfig(value, file));
    },
  ),
  property("config: no mistake tells a secret that stands in the clear", 20, leaking, async (value) => {
    await expectConfig(() => value, [secret]);
  }),
];
