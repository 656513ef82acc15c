/** The command: parse, wire, run, exit code. */
import { Command, CommanderError } from "commander";
import { ScoutError } from "../lib/errors.ts";
import packageJson from "../package.json" with { type: "json" };
import { exitCode, printError } from "./failure.ts";
import { splitLists } from "./options.ts";

/** In the order of help. A command's file is loaded when it is called; all are for help, and for a name that is none. */
const commands: Readonly<Record<string, () => Promise<(program: Command, command: string) => void>>> = {
  scan: async () => (await import("./scan.ts")).addScan,
  plan: async () => (await import("./plan.ts")).addPlan,
  replay: async () => (await import("./replay.ts")).addReplay,
  lint: async () => (await import("./lint.ts")).addLint,
  policy: async () => (await import("./policy.ts")).addPolicy,
  doctor: async () => (await import("./doctor.ts")).addDoctor,
  telemetry: async () => (await import("./telemetry.ts")).addTelemetry,
  report: async () => (await import("./report.ts")).addReport,
  verdict: async () => (await import("./verdict.ts")).addVerdict,
  serve: async () => (await import("./serve.ts")).addServe,
  schema: async () => (await import("./schema.ts")).addSchema,
  demo: async () => (await import("./demo.ts")).addDemo,
};

/**
 * Does what the arguments say; failures are printed and become the exit code.
 * @param command the URL of the file that was started
 */
export async function main(command: string): Promise<void> {
  process.stdout.on("error", endWithoutReader);
  const program = new Command("egress-scout")
    .description(packageJson.description)
    .version(packageJson.version)
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(`egress-scout: usage: ${text.replace(/^error: /, "")}`) })
    .exitOverride();
  program.hook("preAction", (_, called) => splitLists(called));
  const [called = ""] = process.argv.slice(2);
  for (const [name, load] of Object.entries(commands)) {
    if (name === called || !Object.hasOwn(commands, called)) (await load())(program, command);
  }
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
}

/** A reader that has seen enough (`| head`) is no error; the run itself is done by then. */
function endWithoutReader(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") return;
  const mend = "what a run remembers and sends is done by then: see where its output goes to";
  printError(new ScoutError("internal", `its output cannot be written (${error.code})`, { mend }));
  process.exit(1);
}
