/** aws-cdk-lib takes half a second to load and some seconds for each template: only this file uses it, one App for all templates. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "../tools/temp.ts";
import { check, type Problem } from "./check.ts";
import type { Packed } from "./pack.ts";
import { suppressed } from "./suppressed.ts";
import { packAll, type Variant } from "./variants.ts";

const folder = tempFolder("checkers");
let packed: Record<Variant, Packed>;

beforeAll(async () => {
  packed = await packAll(folder.path);
}, 180_000);
afterAll(folder.remove);

function inFolder(name: string): string {
  const path = join(folder.path, name);
  mkdirSync(path);
  return path;
}
const known = ({ rule, resource }: Problem) => suppressed.some((one) => one.rule === rule && one.resource === resource);

describe("the packaged templates, read by CloudFormation's own rules and by cdk-nag", () => {
  let problems: Problem[];
  beforeAll(() => {
    const files = Object.entries(packed).map(([name, { file }]) => [name, file]);
    problems = check(Object.fromEntries(files), inFolder("sound"));
  }, 180_000);

  it("have no error and no warning that is not suppressed", () => {
    expect(problems.filter((one) => !known(one))).toEqual([]);
  });

  it("need every suppression", () => {
    const needed = (one: (typeof suppressed)[number]) =>
      problems.some(({ rule, resource }) => rule === one.rule && resource === one.resource);
    expect(suppressed.filter((one) => !needed(one))).toEqual([]);
  });
});

describe("the checkers, on faults put into the template", () => {
  const faults: Record<
    string,
    { change: (resources: Packed["template"]["Resources"]) => void; found: Partial<Problem> }
  > = {
    wildcard: {
      change: ({ PollRole }) => {
        const document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sns:*", Resource: "*" }] };
        PollRole!.Properties.Policies = [{ PolicyName: "poll", PolicyDocument: document }];
      },
      found: { resource: "PollRole", rule: "AwsSolutions-IAM5[Action::sns:*]" },
    },
    misspelt: {
      change: ({ Memory }) => {
        Memory!.Properties.BilingMode = Memory!.Properties.BillingMode;
        delete Memory!.Properties.BillingMode;
      },
      found: { resource: "Memory", text: expect.stringContaining("BilingMode") },
    },
    dangling: {
      change: ({ Start }) => {
        Start!.Properties.GroupName = { "Fn::GetAtt": ["Schedules", "Nme"] };
      },
      found: { resource: "Start", text: expect.stringContaining("Nme") },
    },
    open: {
      change: ({ QueuePolicy }) => {
        QueuePolicy!.Properties.Queues = [{ Ref: "RunDeadLetters" }];
      },
      found: { resource: "Runs", rule: "AwsSolutions-SQS4" },
    },
  };
  let problems: Problem[];
  beforeAll(() => {
    const files = Object.entries(faults).map(([name, { change }]) => {
      const template = structuredClone(packed.prod.template);
      change(template.Resources);
      const file = join(folder.path, `${name}.json`);
      writeFileSync(file, JSON.stringify(template));
      return [name, file];
    });
    problems = check(Object.fromEntries(files), inFolder("faults"));
  }, 180_000);

  it.each(Object.keys(faults))("find one: %s", (name) => {
    const found = problems.filter((one) => one.stack === name && !known(one));
    expect(found).toContainEqual(expect.objectContaining(faults[name]!.found));
  });
});
