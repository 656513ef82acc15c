#!/usr/bin/env node
/** The command: parse, wire, run, exit code. */
import { Command, CommanderError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { addDemo } from "./demo.ts";
import { addDoctor } from "./doctor.ts";
import { exitCode, printError } from "./failure.ts";
import { addLint } from "./lint.ts";
import { splitLists } from "./options.ts";
import { addPlan } from "./plan.ts";
import { addPolicy } from "./policy.ts";
import { addReplay } from "./replay.ts";
import { addReport } from "./report.ts";
import { addScan } from "./scan.ts";
import { addSchema } from "./schema.ts";
import { addServe } from "./serve.ts";
import { addTelemetry } from "./telemetry.ts";
import { addVerdict } from "./verdict.ts";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(`egress-scout: usage: Node ${process.version} is too old; 22.13 or later is needed\n`);
  process.exit(2);
}

// A reader that has seen enough (`| head`) is no error; the run itself is done by then.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const program = new Command("egress-scout")
  .description(packageJson.description)
  .version(packageJson.version)
  .showSuggestionAfterError()
  .configureOutput({ outputError: (text, write) => write(`egress-scout: usage: ${text.replace(/^error: /, "")}`) })
  .exitOverride();
program.hook("preAction", (_, command) => splitLists(command));
addScan(program);
addPlan(program);
addReplay(program);
addLint(program);
addPolicy(program);
addDoctor(program);
addTelemetry(program);
addReport(program);
addVerdict(program);
addServe(program);
addSchema(program);
addDemo(program);

try {
  await program.parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    process.exitCode = thrown.exitCode === 0 ? 0 : 2;
  } else {
    printError(thrown);
    process.exitCode = exitCode(thrown);
  }
}
