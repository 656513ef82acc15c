/** Reads a Sidecar. */
import { printable } from "../../words/printable.ts";
import { type Fields, isFields } from "../fields.ts";
import {
  type Complain,
  fieldsAt,
  type Head,
  labelsAt,
  listAt,
  named,
  portAt,
  protocolOf,
  textAt,
  textsAt,
} from "./fields.ts";
import type { EgressListener, OutboundMode, Sidecar } from "./words.ts";

const modes: readonly string[] = ["ALLOW_ANY", "REGISTRY_ONLY", "ALLOW_ANY_DYNAMIC_DNS"];
const isMode = (text: string): text is OutboundMode => modes.includes(text);

/** A Sidecar: whom it is for, what it lets in of the registry, and what it says of the unknown. Never fails. */
export function readSidecar(head: Head, object: Fields, complain: Complain): Sidecar {
  const spec = fieldsAt(object, "spec");
  const policy = spec.outboundTrafficPolicy;
  return {
    namespace: head.namespace,
    name: head.name,
    created: head.created,
    place: head.place,
    selector: isFields(spec.workloadSelector) ? labelsAt(spec.workloadSelector, "labels") : null,
    egress: listAt(spec, "egress", complain).flatMap((one) => listenerOf(one, complain)),
    outboundMode: isFields(policy) ? modeOf(policy, complain) : null,
    egressProxy: isFields(policy) ? proxyOf(policy) : null,
  };
}

/** REGISTRY_ONLY is the zero of the enum, so a policy that says no mode means it (istio api sidecar.proto). */
function modeOf(policy: Fields, complain: Complain): OutboundMode | null {
  const mode = textAt(policy, "mode") ?? "REGISTRY_ONLY";
  if (isMode(mode)) return mode;
  complain(`outboundTrafficPolicy ${printable(mode)} is none of Istio's`);
  return null;
}

function proxyOf(policy: Fields): string | null {
  const host = textAt(fieldsAt(policy, "egressProxy"), "host");
  return host === null ? null : named(host);
}

function listenerOf(one: unknown, complain: Complain): EgressListener[] {
  if (!isFields(one)) {
    complain("an egress listener is no object");
    return [];
  }
  const written = isFields(one.port) ? one.port : null;
  const number = written === null ? null : portAt(written, "number");
  if (written !== null && number === null) {
    complain("an egress listener's port has no number of 1 to 65535");
    return [];
  }
  const hosts = textsAt(one, "hosts", complain).filter((host) => isImport(host, complain));
  const port =
    number === null ? null : { number, ...protocolOf(written === null ? null : textAt(written, "protocol")) };
  const bound = (textAt(one, "bind") ?? "") !== "" || textAt(one, "captureMode") === "NONE";
  return [{ hosts: hosts.map((host) => host.toLowerCase()), port, local: bound || port?.protocol === "HTTP_PROXY" }];
}

/** Istio passes over a host that is not `namespace/name` (sidecar.go convertIstioListenerToWrapper). */
function isImport(host: string, complain: Complain): boolean {
  if (host.split("/").length === 2) return true;
  complain(`egress host ${printable(host)} is not of the form namespace/host`);
  return false;
}
