/** Reads a ServiceEntry. */
import { parseAddress } from "../../words/address.ts";
import { printable } from "../../words/printable.ts";
import { type Resolution, resolutions } from "../api.ts";
import { type Fields, isFields } from "../fields.ts";
import {
  addressOrRange,
  type Complain,
  fieldsAt,
  type Head,
  listAt,
  portAt,
  protocolOf,
  textAt,
  textsAt,
} from "./fields.ts";
import type { EntryPort, ServiceEntry } from "./words.ts";

const isResolution = (text: string): text is Resolution => resolutions.some((one) => one === text);

/** A wildcard only at the front, then DNS-1123 labels (istio pkg/config/validation/agent ValidateWildcardDomain). */
const hostShape = /^(\*\.|\*-|\*)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?$/;

/**
 * A ServiceEntry as Istio takes it, its defaults filled in (resolution NONE, location MESH_EXTERNAL, exportTo everywhere).
 * Null, with a complaint, where a part without which it cannot be understood is missing; other parts are left out one by one.
 */
export function readServiceEntry(head: Head, object: Fields, complain: Complain): ServiceEntry | null {
  const spec = fieldsAt(object, "spec");
  const hosts = hostsOf(spec, complain);
  const ports = listAt(spec, "ports", complain).flatMap((port) => portOf(port, complain));
  const resolution = textAt(spec, "resolution") ?? "NONE";
  if (hosts.length === 0) return refuse(complain, "it has no host");
  if (ports.length === 0) return refuse(complain, "it has no port");
  if (!isResolution(resolution)) return refuse(complain, `resolution ${printable(resolution)} is none of Istio's`);
  return {
    ...head,
    hosts,
    addresses: textsAt(spec, "addresses", complain).flatMap((text) => addressOf(text, complain)),
    ports,
    resolution,
    location: textAt(spec, "location") === "MESH_INTERNAL" ? "MESH_INTERNAL" : "MESH_EXTERNAL",
    endpoints: listAt(spec, "endpoints", complain).flatMap((one) =>
      isFields(one) ? [textAt(one, "address") ?? ""] : [],
    ),
    selects: isFields(spec.workloadSelector),
    exportTo: textsAt(spec, "exportTo", complain),
    vips: listAt(fieldsAt(object, "status"), "addresses", complain).flatMap(vipOf),
    autoAddress: head.labels["networking.istio.io/enable-autoallocate-ip"]?.toLowerCase() !== "false",
  };
}

function refuse(complain: Complain, why: string): null {
  complain(why);
  return null;
}

function hostsOf(spec: Fields, complain: Complain): string[] {
  const hosts = textsAt(spec, "hosts", complain).flatMap((written) => {
    const host = written.toLowerCase();
    if (host.length <= 255 && hostShape.test(host)) return [host];
    complain(`host ${printable(written)} is no host name`);
    return [];
  });
  return [...new Set(hosts)];
}

function addressOf(text: string, complain: Complain): string[] {
  const address = addressOrRange(text);
  if (address === null) complain(`address ${printable(text)} is neither an address nor a CIDR`);
  return address === null ? [] : [address];
}

function portOf(port: unknown, complain: Complain): EntryPort[] {
  const number = isFields(port) ? portAt(port, "number") : null;
  if (!isFields(port) || number === null) {
    complain("a port has no number of 1 to 65535");
    return [];
  }
  const known = protocolOf(textAt(port, "protocol"));
  return [{ number, name: textAt(port, "name") ?? "", ...known, targetPort: portAt(port, "targetPort") }];
}

function vipOf(one: unknown): { host: string; address: string }[] {
  if (!isFields(one)) return [];
  const address = parseAddress(textAt(one, "value") ?? "");
  return address === null ? [] : [{ host: (textAt(one, "host") ?? "").toLowerCase(), address }];
}
