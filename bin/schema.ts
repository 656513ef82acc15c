/** `egress-scout schema`: JSON Schemas, for editors and scripts. */
import { Argument, type Command } from "commander";
import * as z from "zod";
import { configSchema } from "../lib/config/index.ts";
import { doctorSchema } from "../lib/report/doctor.ts";
import { reportSchema } from "../lib/report/inventory.ts";
import { lintSchema } from "../lib/report/lint.ts";
import { planSchema } from "../lib/report/plan-schema.ts";
import { policySchema } from "../lib/report/policy.ts";
import { replaySchema } from "../lib/report/replay.ts";
import { scanSchema } from "../lib/report/scan-schema.ts";
import { telemetrySchema } from "../lib/report/telemetry.ts";
import { verdictsSchema } from "../lib/report/verdicts.ts";
import { webhookSchema } from "../lib/report/webhook-schema.ts";

const schemas = {
  config: configSchema,
  scan: scanSchema,
  replay: replaySchema,
  plan: planSchema,
  lint: lintSchema,
  policy: policySchema,
  doctor: doctorSchema,
  telemetry: telemetrySchema,
  verdicts: verdictsSchema,
  report: reportSchema,
  webhook: webhookSchema,
};

export function addSchema(program: Command): void {
  program
    .command("schema")
    .description("print the JSON Schema of the config file, of a command's result, of what the webhook posts")
    .addArgument(new Argument("<what>").choices(Object.keys(schemas)))
    .addHelpText("after", "\nExample:\n  egress-scout schema config > egress-scout.schema.json")
    .action((what: keyof typeof schemas) => {
      // `input`: what a user writes, where defaults may be left out.
      const io = what === "config" ? "input" : "output";
      process.stdout.write(`${JSON.stringify(z.toJSONSchema(schemas[what], { io }), null, 2)}\n`);
    });
}
