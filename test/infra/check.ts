/**
 * The two checkers of templates that work offline: CloudFormation's own rules, as aws-cdk-lib brings them (schemas, references,
 * dead conditions), and cdk-nag's AwsSolutions pack.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { App, Aspects, CfnElement, Stack } from "aws-cdk-lib";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { AwsSolutionsChecks } from "cdk-nag";
import * as z from "zod";

export interface Problem {
  stack: string;
  /** As the checker names it: `E3005`, `AwsSolutions-IAM5[Resource::*]`. */
  rule: string;
  /** The logical id, or none for what concerns the whole template. */
  resource: string;
  text: string;
}

const report = z.object({
  pluginReports: z.array(
    z.object({
      violations: z.array(
        z.object({
          ruleName: z.string(),
          description: z.string(),
          violatingConstructs: z.array(
            z.object({
              constructPath: z.string(),
              cloudFormationResource: z.object({ logicalId: z.string() }).optional(),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** What both checkers say of the templates, warnings included. `out` is an empty folder for their reports. */
export function check(templates: Record<string, string>, out: string): Problem[] {
  const app = new App({
    outdir: out,
    analyticsReporting: false,
    context: { "@aws-cdk/core:validateAgainstDefaultRules": true },
  });
  for (const [name, templateFile] of Object.entries(templates))
    new CfnInclude(new Stack(app, name), "template", { templateFile });
  Aspects.of(app).add(new AwsSolutionsChecks());
  const reported = join(out, "validation-report.json");
  try {
    app.synth();
  } catch (error) {
    // A template with violations is thrown, and reported in the file: the file says more.
    if (!existsSync(reported)) throw error;
  }
  return [...violations(reported), ...annotations(app)];
}

function violations(file: string): Problem[] {
  if (!existsSync(file)) return [];
  const { pluginReports } = report.parse(JSON.parse(readFileSync(file, "utf8")));
  return pluginReports
    .flatMap((plugin) => plugin.violations)
    .flatMap(({ ruleName, description, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath, cloudFormationResource }) => ({
        stack: constructPath.split("/")[0] ?? "",
        rule: ruleName,
        resource: cloudFormationResource?.logicalId ?? "",
        text: description,
      })),
    );
}

function annotations(app: App): Problem[] {
  return app.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === "aws:cdk:error" || type === "aws:cdk:warning")
      .map(({ data }) => {
        const text = String(data);
        return {
          stack: Stack.of(construct).node.id,
          rule: /^[\w-]+(\[.*?\])?(?=: )/.exec(text)?.[0] ?? text,
          resource: CfnElement.isCfnElement(construct) ? construct.node.id : "",
          text,
        };
      }),
  );
}
