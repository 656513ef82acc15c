/** One line of a log → one call to the outside, with the identity that metrics would give it. Pure. */

import type { Destination, LabelNames, LoggedConnection } from "../../model.ts";
import { parseAddressPort } from "../../words/address.ts";
import { readHttp, readTcp } from "../destination.ts";
import { isInMesh } from "../identify.ts";
import { isInternal } from "../internal.ts";
import { type Caller, callerOf, type StreamOwner } from "./caller.ts";
import { type Gateways, gatewaysOf } from "./gateways.ts";
import type { Told } from "./told.ts";

/** A log's columns under the names of labels, so that both are read by the same rules. */
const names: LabelNames = {
  address: ["destination_address"],
  port: ["destination_port"],
  sni: ["requested_server_name"],
};

export interface Logged extends LoggedConnection {
  byAccount: boolean;
}

/**
 * @param at when it was logged, ms, by whoever kept the line; null where only the line tells
 * @returns null where it is no egress: internal by the config, or within the mesh
 */
export function connectionOf(
  told: Told,
  at: number | null,
  proxy: "envoy" | "ztunnel",
  owner: StreamOwner,
  { internal, gateways = gatewaysOf() }: { internal: readonly string[]; gateways?: Gateways },
): Logged | null {
  const destination = destinationOf(told);
  if (destination === null || isInternal(destination, internal)) return null;
  const caller: Caller = callerOf(proxy, told.hints, owner, gateways);
  // Under ALLOW_ANY_DYNAMIC_DNS, and at a gateway, short and in-cluster names are the mesh's own.
  if (told.http !== null && (told.dynamic || caller.proxy === "gateway") && isInMesh(told.authority ?? "")) return null;
  return {
    at: at ?? told.at,
    event: told.event,
    ...caller,
    principal: told.hints.principal,
    destination,
    app: told.hints.app,
  };
}

function destinationOf({ verdict, http, authority, dialled, port, sni }: Told): Destination | null {
  const labels = {
    destination_service: authority ?? "",
    request_protocol: http ?? "tcp",
    ...(dialled !== null && parseAddressPort(dialled) !== null ? { destination_address: dialled } : {}),
    ...(port === null ? {} : { destination_port: port }),
    ...(sni === null ? {} : { requested_server_name: sni }),
  };
  return http === null ? readTcp(labels, names, verdict) : readHttp(labels, names, verdict);
}
