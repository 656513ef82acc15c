/** Where hostile text comes in, and all that is printed of it. */

import { claimedNames } from "../../lib/enrich/claims.ts";
import { ptrNames } from "../../lib/enrich/ptr-names.ts";
import { summarize } from "../../lib/enrich/summary.ts";
import type { Destination, Finding, LabelNames, Name, Source, Trust } from "../../lib/model.ts";
import { plainText } from "../../lib/notify/plain-text.ts";
import { type SlackPost, slackPost } from "../../lib/notify/slack-blocks.ts";
import { readHttp, readTcp } from "../../lib/observe/destination.ts";
import { readSource } from "../../lib/observe/source.ts";
import { confirmedOf, policiesOf } from "../../lib/policy/index.ts";
import { scanText, scanYaml } from "../../lib/report/text.ts";
import { suggest } from "../../lib/suggest/suggest.ts";
import { wildcardDomain } from "../../lib/words/domain.ts";
import { parseHost } from "../../lib/words/host.ts";
import { Memory } from "../../lib/words/memory.ts";
import { hostile, message } from "../notify/sample.ts";
import { told } from "../report/make.ts";
import { finding, tcp, tls } from "../suggest/make.ts";

const address = "198.51.100.7";
const labelNames: LabelNames = { address: ["destination_address"], port: [], sni: ["requested_server_name"] };

/** How far the PTR answer `text` is trusted, where DNS would say `trust` of a good name. */
export async function ptr(text: string, trust: "confirmed" | "claimed" | "contradicted" = "claimed"): Promise<Name> {
  const agree = async () => ({ trust, why: "", apart: "unknown" as const, failure: null });
  const { names } = await ptrNames(address, { status: "found", values: [text], ttl: 60_000 }, agree);
  const [name, ...more] = names;
  if (name === undefined || more.length > 0) throw new Error(`${names.length} names of one answer`);
  return name;
}

/** The text in every place where a stranger or a workload can put it. */
async function places(text: string): Promise<[Destination, Source, Name[]][]> {
  const clean = { cluster: "prod", namespace: "payments", workload: "checkout" };
  const claims = (destination: Destination): [Destination, Source, Name[]] => [
    destination,
    clean,
    claimedNames(destination),
  ];
  const trusts = ["confirmed", "claimed", "contradicted"] as const;
  const parsed = parseHost(text);
  const domain = parsed.kind === "host" ? wildcardDomain(parsed.host) : null;
  return [
    ...(await Promise.all(trusts.map((trust) => ptr(text, trust)))).map((name): [Destination, Source, Name[]] => [
      tcp(address),
      clean,
      [name],
    ]),
    ...(["http", "grpc"] as const).map((protocol) =>
      claims(
        readHttp(
          { destination_service: text, request_protocol: protocol, destination_address: `${address}:80` },
          labelNames,
          "allowed",
        ),
      ),
    ),
    claims(readHttp({ destination_service: text }, labelNames, "blocked")),
    claims(readTcp({ requested_server_name: text, destination_address: `${address}:443` }, labelNames, "allowed")),
    // Two neighbours more, and there is a wildcard to be offered.
    ...(domain === null ? [] : ["one", "two"].map((label) => claims(tls(`${label}.${domain}`, 443, { address })))),
    [
      tls("api.example.org"),
      readSource({ source_workload_namespace: text, source_workload: text, source_cluster: text }),
      [],
    ],
    [tls("api.example.org"), { ...clean, workload: readSource({ source_workload: text }).workload }, []],
  ];
}

/** All that is printed of a text. */
export interface Printed {
  findings: Finding[];
  slack: SlackPost;
  texts: string[];
  yaml: string;
}

/** One run's way from names to what a person reads, without the world around it. */
export async function print(text: string): Promise<Printed> {
  const found = (await places(text)).map(([destination, source, names], index) => {
    const one = finding(destination, { id: `f-${index}`, key: `k-${index}`, source, names });
    return { ...one, summary: summarize(one) };
  });
  return printed(suggest(found, { memory: new Memory(), settings: { istio: "1.30" } }));
}

/** The same of a run with a policy that forbids it, where a gateway could enforce that. */
export async function printForbidden(text: string): Promise<Printed> {
  const policies = policiesOf([{ name: "no <!here>", from: { namespace: "*" }, allow: ["*.wikipedia.org"] }]);
  const found = (await places(text)).flatMap(([destination, source, names], index): Finding[] => {
    const decision = policies.forbids(source, destination, confirmedOf(names));
    if (decision === null) return [];
    const one = finding(destination, { id: `f-${index}`, key: `k-${index}`, kind: "policy-violation", source, names });
    return [{ ...one, summary: summarize({ ...one, summary: decision.why }) }];
  });
  const egressGateway = { namespace: "istio-system", selector: { istio: "egressgateway" } };
  return printed(suggest(found, { memory: new Memory(), settings: { egressGateway }, policies }));
}

function printed(findings: Finding[]): Printed {
  const letter = message(findings);
  const run = told({ findings });
  return {
    findings,
    slack: slackPost(letter),
    texts: [plainText(letter), scanText(run, { colour: false })],
    yaml: scanYaml(run),
  };
}

/** What a channel makes of findings that a careless stage before it filled with the text as it is. */
export function printCareless(text: string): Pick<Printed, "slack" | "texts"> {
  const findings = [0, 1, 2, 3].map((index) => hostile(text, index));
  const written = findings.map((one) => ({
    ...one,
    suggestions: one.suggestions.map((each) => ({ ...each, yaml: `# ${text}\n` })),
  }));
  return { slack: slackPost(message(written)), texts: [plainText(message(findings))] };
}

export interface Hostile {
  id: string;
  value: string;
  threat: string;
  /** What it is as a Host: a name for the outside, one of the inside, an address, or no name at all. */
  host: "outside" | "inside" | "address" | "junk";
  /** As a PTR answer that nothing confirms. */
  ptr: Trust;
  /** The domain whose wildcard might stand for it. */
  wildcard: string | null;
}
