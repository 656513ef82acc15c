/** One row's labels → who called what. Pure. */

import type { Counter, Destination, LabelNames, Labels, Source } from "../model.ts";
import { type Gateway, isGateway } from "../words/gateway.ts";
import { insideReason } from "../words/host.ts";
import { readAtGateway, readHttp, readTcp } from "./destination.ts";
import { isInternal } from "./internal.ts";
import { sightingKey } from "./key.ts";
import { readSource } from "./source.ts";

export interface ObserveSettings {
  /** The run's cluster, by its name in the config. */
  cluster: string;
  labels: LabelNames;
  /** What is not egress: addresses, CIDRs, host names, `*.suffix`. */
  internal: readonly string[];
  /** The egress gateway of the config. */
  gateway?: Gateway | null;
}

export interface Identity {
  key: string;
  source: Source;
  destination: Destination;
}

/** Null where the row is no egress: internal by the config, or an in-mesh call that looks like ALLOW_ANY_DYNAMIC_DNS. */
export function identify(counter: Counter, labels: Labels, settings: ObserveSettings): Identity | null {
  const source = readSource(labels);
  const destination = readDestination(counter, labels, source, settings);
  if (destination === null || isInternal(destination, settings.internal)) return null;
  return { key: sightingKey(settings.cluster, source, destination), source, destination };
}

function readDestination(
  counter: Counter,
  labels: Labels,
  source: Source,
  { labels: names, gateway }: ObserveSettings,
): Destination | null {
  if (counter === "dynamic") {
    const host = labels.destination_service ?? "";
    return host === labels.destination_service_name && !isInMesh(host) ? readHttp(labels, names, "allowed") : null;
  }
  const verdict = labels.destination_service_name === "BlackHoleCluster" ? "blocked" : "allowed";
  if (counter === "requests") return readHttp(labels, names, verdict);
  const atGateway = isGateway(source, gateway) ? readAtGateway(labels, names, verdict) : null;
  if (atGateway !== null || counter === "atGateway") return atGateway;
  const read = readTcp(labels, names, verdict);
  // A sidecar's call to the gateway is a call to the outside by its SNI alone.
  return counter === "toGateway" && (read.host === null || insideReason(read.host) !== null) ? null : read;
}

/** A short or in-cluster name under neither catch-all is a call inside the mesh whose service the proxy did not know. */
export function isInMesh(host: string): boolean {
  const name = host.replace(/:\d+$/, "").replace(/\.$/, "").toLowerCase();
  return !/[.:]/.test(name) || insideReason(name) !== null;
}
