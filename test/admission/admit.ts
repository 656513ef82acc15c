/**
 * Would a cluster take this ServiceEntry? An independent check, written from the fact sheet and not from lib/suggest, so that the
 * two cannot share a mistake: the API server's schema, the CRD's CEL rules, and the webhook of istiod.
 */
import { crdRules } from "./crd-rules.ts";
import { resolutionRules } from "./resolution-rules.ts";
import { schemaRules } from "./schema-rules.ts";
import { specRules } from "./spec-rules.ts";
import { type Problem, view } from "./view.ts";

export type { Problem };

/** Takes any value; an empty list means accepted without a warning. Throws nothing. */
export function admit(manifest: unknown): Problem[] {
  const entry = view(manifest);
  return [...schemaRules(manifest), ...crdRules(entry), ...specRules(entry), ...resolutionRules(entry)];
}

export const errors = (problems: readonly Problem[]): Problem[] =>
  problems.filter((problem) => problem.level === "error");
