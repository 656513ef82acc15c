/** What came of a scan, and of a plan, for the one who asked in Slack. Pure. */

import type { AskedRun } from "../../model.ts";
import { wholeYaml } from "../../notify/manifest.ts";
import { oneLine } from "../../notify/one-line.ts";
import { codeBlock } from "../../notify/slack-code.ts";
import type { Planned } from "../../plan.ts";
import type { ScanDocument } from "../../report/scan-schema.ts";
import { toYaml } from "../../suggest/yaml.ts";
import { placeText } from "../../words/address.ts";
import { lines, mostCharacters, mrkdwn, plain, type Reply, type ReplyBlock, reply } from "./reply.ts";

const most = 10;
/** All of a message (slackapi/bolt-js#2509), less what is said besides. */
const mostYaml = 6_000;

/** The end of a run that somebody asked for. */
export function scanReply({ cluster, document, fault }: AskedRun): Reply {
  if (document === null) {
    const why = fault === null ? "the log says more" : `${fault.code}: ${fault.message}`;
    return lines([`The scan of ${cluster} did not finish: ${why}`]);
  }
  const scan: unknown = JSON.parse(document);
  if (!isScan(scan)) return lines([`The scan of ${cluster} is done, but what it found cannot be read.`]);
  const { run, findings, learned } = scan;
  if (run.mode === "learn")
    return lines([
      `${cluster} is learned: ${learned?.destinations ?? 0} destinations of ${learned?.workloads ?? 0} workloads. What is new from now on is told.`,
    ]);
  const head = `${cluster} from ${run.from} to ${run.to}: ${findings.length === 0 ? "nothing new" : counted(findings.length, "finding")}, ${run.observations} destinations seen, ${run.known} known.`;
  const blind = run.blind.length === 0 ? [] : [`Not visible: ${run.blind.join("; ")}`];
  return lines([head, ...blind, ...findings.slice(0, most).map(findingLine), ...further(findings.length)]);
}

/** Written by ourselves; its name tells which version did. */
const isScan = (value: unknown): value is ScanDocument =>
  typeof value === "object" && value !== null && "schema" in value && value.schema === "egress-scout/scan@1";

const counted = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;
const further = (all: number) => (all > most ? [`and ${all - most} more`] : []);

const findingLine = ({ kind, severity, state, summary }: ScanDocument["findings"][number]) =>
  `${severity} ${kind}${state === "resolved" ? ", resolved" : ""}: ${summary}`;

/** What a namespace needs for REGISTRY_ONLY, with its manifests as far as there is room. */
export function planReply(namespace: string, planned: Planned): Reply {
  const { cluster, flows, manifests, blind } = planned;
  const name = `${oneLine(namespace, 80)} in ${oneLine(cluster, 80)}`;
  if (flows.length === 0)
    return lines([
      `${name}: no call of it went through a catch-all in this time, so REGISTRY_ONLY breaks nothing seen.`,
    ]);
  const breaking = flows.filter(({ isCovered }) => !isCovered);
  const left = breaking.filter(({ isClosed }) => !isClosed).length;
  const head = `${name}: REGISTRY_ONLY would break ${breaking.length} of ${counted(flows.length, "flow")}; with the plan's ${counted(manifests.length, "manifest")}, ${left}.`;
  const rows = breaking.slice(0, most).map(({ finding: { source, destination, count, noSuggestion }, isClosed }) => {
    const how = isClosed ? "closed by a manifest" : `no manifest: ${noSuggestion ?? "none fits"}`;
    return `${source.workload} to ${placeText(destination)}, ${counted(count, "call")}, ${how}`;
  });
  const said = lines([head, ...rows, ...further(breaking.length), ...blind.map((one) => `Not visible: ${one}`)]);
  const shown = shownManifests(manifests.map((one) => toYaml(one)));
  const others = manifests.length - shown.length;
  const rest = `${counted(others, "manifest")} more: egress-scout plan --cluster ${oneLine(cluster, 80)} --format yaml, or GET /api/v1/service-entries.`;
  return reply(said.text, [...said.blocks, ...shown, ...(others === 0 ? [] : [plain(rest)])]);
}

/** Whole ones, as many as there is room for. */
function shownManifests(all: readonly string[]): ReplyBlock[] {
  const shown: ReplyBlock[] = [];
  let length = 0;
  for (const yaml of all) {
    const code = codeBlock(wholeYaml({ yaml }));
    if (code === null || code.length > mostCharacters || length + code.length > mostYaml) continue;
    length += code.length;
    shown.push(mrkdwn(code));
  }
  return shown;
}
