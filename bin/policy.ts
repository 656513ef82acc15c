/** `egress-scout policy test`: what the policies of the config say of a call, without any traffic. */
import type { Command } from "commander";
import { loadPolicies } from "../lib/config/index.ts";
import { ScoutError } from "../lib/errors.ts";
import { type Caller, type Decision, isFor, type Policies, policiesOf, spoken } from "../lib/policy/index.ts";
import { policyDocument, policyText } from "../lib/report/policy.ts";
import { printable } from "../lib/words/printable.ts";
import { inColour } from "./colour.ts";
import { endOnSignals } from "./interrupt.ts";
import { common, testing } from "./options.ts";

interface TestOptions {
  config?: string;
  sni?: string;
  host?: string;
  from?: string;
  label?: string[];
  format: "text" | "json";
}

const examples = `
Examples:
  egress-scout policy test egress-scout.yaml --sni en.wikipedia.org --from shop/web
  egress-scout policy test --host api.example.com:8080 --from build/runner --label tier=ci
                                                       by egress-scout.yaml, where there is one
  egress-scout policy test policies.yaml --sni de.wikipedia.org --from shop/web --format json
                                                       by a file of policies alone

Deny beats allow; an allow list denies all else to its callers; without a policy all is allowed (docs/policies.md).

Exit codes: 0 allowed, 2 wrong usage or config, 3 denied.`;

export function addPolicy(program: Command): void {
  const command = program
    .command("policy")
    .description("policies of the config: which hosts a workload may call")
    .command("test")
    .description("explain a policy's decision, without any traffic")
    .argument("[file]", "the config file, or one with policies alone (default: that of --config)")
    .addHelpText("after", examples);
  const { sni, host, from, label } = testing;
  for (const option of [sni, host, from, label, common.config]) command.addOption(option());
  command.addOption(common.format("text", "json"));
  command.action(async (file: string | undefined, options: TestOptions) => {
    endOnSignals();
    process.exitCode = await test(file ?? options.config ?? null, options);
  });
}

async function test(file: string | null, options: TestOptions): Promise<number> {
  const { caller, text } = asked(options);
  // An SNI is a name whatever it looks like; a Host that is an address is none.
  const name = spoken(text) ?? (options.sni === undefined ? null : { name: text.toLowerCase(), isPlain: true });
  const policies = policiesOf(await loadPolicies(file));
  const decision = policies.decide(caller, name);
  const told = policyDocument({ ...decision, why: `${decision.why}${unsure(decision, caller, policies)}` });
  process.stdout.write(
    options.format === "json" ? `${JSON.stringify(told, null, 2)}\n` : policyText(told, { colour: inColour() }),
  );
  return decision.allowed ? 0 : 3;
}

/** Where labels were not given, the policies that ask for them were passed over. */
function unsure({ allowed }: Decision, caller: Caller, { all }: Policies): string {
  const passed = all.filter((one) => isFor(one, caller) === "unsure").map(({ name }) => printable(name).slice(1, -1));
  return !allowed || passed.length === 0 ? "" : ` Passed over, since no --label was given: ${passed.join(", ")}.`;
}

/**
 * The call that the options describe.
 * @throws ScoutError `usage` with every mistake
 */
function asked({ sni, host, from, label }: TestOptions): { caller: Caller; text: string } {
  const faults: string[] = [];
  const text = sni ?? host ?? "";
  if ((sni === undefined) === (host === undefined)) faults.push("give one of --sni NAME and --host NAME");
  else faults.push(...nameFaults(text, sni === undefined ? "--host" : "--sni"));
  const [, namespace = "", workload = ""] = /^([^/\s]+)\/([^/\s]+)$/.exec(from ?? "") ?? [];
  if (workload === "") faults.push("--from takes NAMESPACE/WORKLOAD");
  const pairs = (label ?? []).map((one) => /^([^=]+)=(.*)$/s.exec(one));
  if (pairs.includes(null)) faults.push("--label takes KEY=VALUE");
  if (faults.length > 0) {
    throw new ScoutError("usage", faults.join("; "), { mend: "`egress-scout policy test --help` has examples" });
  }
  const labels = pairs.map((one) => [one?.[1] ?? "", one?.[2] ?? ""] as const);
  return { caller: { namespace, workload, labels: labels.length === 0 ? null : Object.fromEntries(labels) }, text };
}

/** A typing error must not pass for a name that nobody denies. */
function nameFaults(text: string, option: string): string[] {
  if (/[^\x21-\x7e]/.test(text)) {
    return [`${option}: a name on the wire is ASCII: an internationalized one is spelt xn--...`];
  }
  const name = spoken(text);
  const isAddress = name === null && text !== "";
  return isAddress || name?.isPlain === true ? [] : [`${option}: ${JSON.stringify(text)} is no host name`];
}
