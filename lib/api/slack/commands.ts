/** `POST /slack/commands`: somebody wrote `/egress …`. Slack waits 3 s; what takes longer is answered by `response_url`. */
import type { Context } from "hono";
import { asScoutError, ScoutError } from "../../errors.ts";
import type { ApiParts, SlackParts } from "../parts.ts";
import { clusterOf } from "../plan-of.ts";
import { problem } from "../problem.ts";
import { send } from "./carry-out.ts";
import { type Command, readCommand } from "./command.ts";
import { lines, mayNotAsk, plain, type Reply, reply } from "./reply.ts";
import { search } from "./search.ts";
import { readSigned } from "./signed.ts";
import { soon } from "./soon.ts";

const help = [
  "/egress payments: what a namespace, workload or team calls",
  "/egress api.stripe.com: who calls a destination, by any part of its name or address",
  "/egress search plan: the same, for what is called like one of these words",
  "/egress scan [cluster]: looks now, and tells what is new",
  "/egress plan NAMESPACE [cluster]: what REGISTRY_ONLY would break there, and the manifests that close the gap",
];

/** Signature first, then who asks, then what. */
export async function slackCommands(c: Context, parts: ApiParts): Promise<Response> {
  const { slack, log, now } = parts;
  if (slack === null) return problem(c, { status: 404, detail: "the config has no slack.signingSecret" });
  const request = await readSigned(c, slack.signingSecret, { now: now(), log });
  if ("refused" in request) return request.refused;
  const command = readCommand(request.body);
  if ("fault" in command) return problem(c, { status: 400, detail: command.fault });
  try {
    return c.json(await answerTo(command, parts, slack));
  } catch (thrown) {
    const error = asScoutError(thrown);
    log.error("what somebody asked in Slack failed", { by: command.by, code: error.code, error: error.message });
    // Slack shows a status that is no 200 as an error of its own, which says nothing.
    return c.json(failed(error));
  }
}

const failed = ({ code, message, mend }: ScoutError): Reply =>
  lines([code === "usage" ? `${message}; ${mend}` : `That did not work: ${code}. The log of egress-scout says more.`]);

async function answerTo({ asked, by, user, responseUrl }: Command, parts: ApiParts, slack: SlackParts): Promise<Reply> {
  if (asked.kind === "help") return reply("What /egress can do", [plain(help.join("\n"))]);
  if (!slack.allow.includes(user)) {
    parts.log.warn("somebody who may not ask wrote /egress", { by, asked: asked.kind });
    return mayNotAsk(slack.allow);
  }
  parts.log.info("somebody asked by /egress", { by, asked: asked.kind });
  const replyTo = responseUrl !== null && slack.replies.takes(responseUrl) ? responseUrl : null;
  if (asked.kind === "search") return await searched(asked.text, replyTo, parts, slack);
  if (replyTo === null)
    throw new ScoutError("usage", "Slack gave no response_url of its own", { mend: "there is no way to answer later" });
  const cluster = clusterOf(parts.clusters, asked.cluster ?? undefined);
  if (asked.kind === "plan") {
    await slack.later({ kind: "plan", namespace: asked.namespace, cluster, replyTo });
    return lines([`Looking at 30 days of ${asked.namespace} in ${cluster}: the plan comes here.`]);
  }
  return await scanned(cluster, { by, replyTo }, parts, slack);
}

async function searched(text: string, replyTo: string | null, parts: ApiParts, slack: SlackParts): Promise<Reply> {
  const found = await soon(() => search(text, parts));
  if (found !== null) return found;
  if (replyTo === null) return lines(["That takes longer than Slack waits: ask again in a while."]);
  await slack.later({ kind: "search", text, replyTo });
  return lines(["That takes a while: what is found comes here."]);
}

async function scanned(
  cluster: string,
  { by, replyTo }: { by: string; replyTo: string },
  { scans, log }: ApiParts,
  { replies }: SlackParts,
): Promise<Reply> {
  const busy = lines([`A run of ${cluster} goes on already: owners are told what it finds.`]);
  const asking = scans.ask({ cluster, at: null, since: null, dryRun: false, by, replyTo });
  const said = await soon(async () =>
    (await asking) === null
      ? busy
      : lines([`Scanning ${cluster}: what it finds comes here, and to the owners as always.`]),
  );
  if (said !== null) return said;
  // A run that begins tells of its end itself.
  asking.then(
    async (run) => (run === null ? await send(replyTo, busy, { replies, log }) : undefined),
    async (thrown: unknown) => await send(replyTo, failed(asScoutError(thrown)), { replies, log }),
  );
  return lines([`That takes a while: what a scan of ${cluster} finds comes here. If nothing does, ask again.`]);
}
