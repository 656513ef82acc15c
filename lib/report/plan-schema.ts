/** The result of a plan: `schema plan` prints it. */
import * as z from "zod";
import { destinationSchema, sourceSchema } from "./scan-schema.ts";

const time = z.iso.datetime();
const host = z.object({ namespace: z.string(), name: z.string(), host: z.string() });
const count = z.int().min(0);

/** With `--pull-request` alone. */
const pullRequest = z.object({
  team: z.string(),
  state: z.enum(["opened", "updated", "unchanged", "closed", "merged", "declined", "left", "kept", "failed"]),
  branch: z.string(),
  /** Null where there is none, and of one that a dry run would open. */
  number: z.int().nullable(),
  url: z.string().nullable(),
  files: z.array(z.string()),
  why: z.string().nullable(),
  warnings: z.array(z.string()),
  error: z.object({ code: z.string(), message: z.string(), mend: z.string() }).nullable(),
});

export const planSchema = z.object({
  schema: z.literal("egress-scout/plan@1"),
  cluster: z.string(),
  from: time,
  to: time,
  flows: count,
  /** By the manifests in force alone. */
  covered: count,
  /** By these and the plan's own. */
  closed: count,
  wouldBreak: z.array(
    z.object({
      source: sourceSchema,
      destination: destinationSchema,
      count,
      lastSeen: time,
      owner: z.object({ team: z.string(), from: z.string() }),
      closed: z.boolean(),
      why: z.string(),
      noSuggestion: z.string().nullable(),
    }),
  ),
  namespaces: z.array(z.object({ namespace: z.string(), flows: count, covered: count, readiness: z.number() })),
  manifests: z.array(z.record(z.string(), z.unknown())),
  unused: z.array(host),
  wide: z.array(host.extend({ names: z.array(z.string()), count })),
  conflicts: z.array(z.string()),
  blocked: count,
  blind: z.array(z.string()),
  warnings: z.array(z.string()),
  pullRequests: z.array(pullRequest).optional(),
});
