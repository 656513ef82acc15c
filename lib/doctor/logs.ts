/** Does Loki answer? */
import * as z from "zod";
import { fail, ok, type Said, skip } from "./check.ts";
import type { Cluster } from "./patient.ts";

const answerShape = z.object({ status: z.literal("success") });

/** Asks for label names, as every query must be allowed to; `/ready` is often not passed on by what stands before Loki. */
export async function checkLogs({ logs, groups }: Pick<Cluster, "logs" | "groups">): Promise<Said> {
  if (logs === null) {
    return groups.length > 0
      ? skip(
          `CloudWatch Logs (${groups.join(", ")}), which is not asked here`,
          "The first scan says whether it may be read.",
        )
      : skip("no logs are configured", "Egress is read from metrics alone; an ambient mesh needs logs.");
  }
  const reached = await logs.labels();
  const away = "Names and callers that only access logs know are missed.";
  if ("why" in reached)
    return fail(
      `Loki at ${logs.place} does not answer: ${reached.why}`,
      away,
      "check logs.loki.url, and that Loki is up",
    );
  const { status, body } = reached;
  if (status === 200 && isAnswer(body)) return ok(`Loki at ${logs.place} answers`, "Access logs can be read.");
  const found = `Loki at ${logs.place} answered ${status}${status === 200 ? ", and not as Loki does" : ""}`;
  if (status === 401 || status === 403)
    return fail(found, away, "give it what it asks for: credentials, or the tenant in X-Scope-OrgID");
  return fail(found, away, "check logs.loki.url: it is the part before /loki/api/v1");
}

function isAnswer(body: string): boolean {
  try {
    return answerShape.safeParse(JSON.parse(body)).success;
  } catch {
    return false;
  }
}
