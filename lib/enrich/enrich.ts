/** Findings → findings with names, owner and summary. A failure here loses a name, never a finding. */

import type { Finding, Owner, Source } from "../model.ts";
import { type Gateway, isGateway } from "../words/gateway.ts";
import { nameAll } from "./names.ts";
import type { Naming } from "./naming.ts";
import type { Failure } from "./ptr-names.ts";

export interface EnrichParts {
  naming: Naming;
  /** What could not be looked up before. */
  failures: readonly Failure[];
  /** The egress gateway of the config: what it calls, others do through it. */
  gateway?: Gateway | null;
  ownerOf: (source: Source) => Owner;
}

/** Each address is looked up once for all findings; `warnings` says what DNS could not be asked. Never throws. */
export async function enrich(
  findings: readonly Finding[],
  { naming, failures: before, gateway = null, ownerOf }: EnrichParts,
): Promise<{ findings: Finding[]; warnings: string[] }> {
  const { names, failures } = await nameAll(findings, naming, before);
  const warnings = failures.map((text) => `dns: ${text} (a name may be missing here that exists)`);
  if (findings.length === 0) return { findings: [], warnings };
  const { summarize } = await import("./summary.ts");
  const enriched = findings.map((one, index): Finding => {
    const named = { ...one, names: names[index] ?? [], owner: ownerOf(one.source) };
    return { ...named, summary: summarize(named, isGateway(one.source, gateway)) };
  });
  return { findings: enriched, warnings };
}
