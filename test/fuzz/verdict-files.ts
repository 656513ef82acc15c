/** The reviewed file of verdicts: read or refused whole, and what is written into it reads back. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect } from "vitest";
import { parse } from "yaml";
import { readVerdicts, writeVerdict } from "../../lib/config/verdicts.ts";
import { rulings, type Verdict } from "../../lib/model.ts";
import { tempFolder } from "../tools/temp.ts";
import { yamlPieces } from "./config.ts";
import { mutated } from "./mutate.ts";
import { answered, property } from "./property.ts";
import { hostileText } from "./texts.ts";

const folder = tempFolder("fuzz-verdicts");
const path = join(folder.path, "verdicts.yaml");

const time = fc
  .date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })
  .map((one) => one.getTime());
/** Text that UTF-8 can hold: what a file cannot say, nobody can write into it. */
const words = hostileText.map((text) => text.toWellFormed());
const verdict: fc.Arbitrary<Verdict> = fc.record(
  {
    id: fc.stringMatching(/^[\w.:/-]{1,32}$/),
    verdict: fc.constantFrom(...rulings),
    until: fc.option(time),
    reason: fc.option(words),
    by: fc.option(words),
    at: fc.option(time),
    cluster: words.filter((one) => one !== ""),
  },
  { requiredKeys: ["id", "verdict", "until", "reason", "by", "at"] },
);

const written = `# reviewed by the platform team
verdicts:
  - id: "5f0c6b1d9e1f4c3aa2b1c3d4e5f60718"   # the payment provider
    verdict: approved
    until: 2027-01-01T00:00:00Z
    reason: 'it is the provider''s'
  - { id: abc-1, verdict: snoozed, until: "2026-12-01T00:00:00+01:00", by: ada, at: 2026-11-22T10:00:00Z }
  - id: abc-2
    verdict: denied
    reason: >-
      leaves the mesh
      by mistake
    cluster: prod
`;
const files = fc.constantFrom(
  written,
  JSON.stringify({ verdicts: [{ id: "a", verdict: "expected" }] }, null, 2),
  "verdicts:\n",
  "# none\n",
  "",
);

const sorted = (all: readonly Verdict[]) => [...all].sort((one, other) => (one.id < other.id ? -1 : 1));

export const properties = [
  property("verdict file: any text is verdicts or all its mistakes", 20, mutated(files, yamlPieces), async (text) => {
    writeFileSync(path, text);
    const verdicts = await answered(() => readVerdicts(path));
    if (verdicts === null) return;
    expect(new Set(verdicts.map(({ id }) => id)).size).toBe(verdicts.length);
    for (const { until, at } of verdicts)
      for (const one of [until, at]) if (one !== null) expect(one).toSatisfy(Number.isFinite);
  }),
  property(
    "verdict file: what is written reads back, in YAML 1.1 and 1.2, and all else stays",
    20,
    fc.tuple(mutated(files, yamlPieces), verdict, verdict),
    async ([text, ...more]) => {
      writeFileSync(path, text);
      let before = await answered(() => readVerdicts(path));
      for (const one of more) {
        const whole = readFileSync(path, "utf8");
        const done = await answered(() => {
          writeVerdict(path, one);
          return true;
        });
        if (done === null || before === null) {
          // Whole or not at all.
          expect(readFileSync(path, "utf8")).toBe(whole);
          continue;
        }
        const now = readVerdicts(path);
        const others = before.filter(({ id }) => id !== one.id);
        expect(sorted(now)).toEqual(sorted([...others, one]));
        const after = readFileSync(path, "utf8");
        const versions = (["1.1", "1.2"] as const).map((version) =>
          listed(parse(after, { version, logLevel: "silent" }), one.id),
        );
        expect(versions[0]).toEqual(versions[1]);
        before = now;
      }
    },
  ),
];

/** The verdict on a finding as any reader of YAML has it; a time may be one to YAML 1.1. */
function listed(value: unknown, id: string): unknown {
  const { verdicts }: { verdicts?: { id: string }[] } = Object(value);
  return JSON.parse(JSON.stringify(verdicts?.find((one) => one.id === id) ?? null));
}
