/** The exact entry of a group: what all its findings share. */
import type { Manifest } from "../model.ts";
import type { Group } from "./evidence.ts";
import { choosePorts, type Port } from "./ports.ts";
import { type SuggestSettings, serviceEntry } from "./service-entry.ts";
import { toYaml } from "./yaml.ts";

export interface Draft {
  group: Group;
  ports: Port[];
  manifest: Manifest;
  yaml: string;
}

/** istio/api customresourcedefinitions.gen.yaml: at most 256 ports and 256 addresses in one ServiceEntry. */
const most = 256;

/** The manifest of a group, or why there is none that Kubernetes would take; `http2` as `choosePorts` has it. Throws nothing. */
export function draft(group: Group, settings: SuggestSettings, http2?: ReadonlySet<number>): Draft | string {
  const ports = choosePorts(group.entry, group.evidence, http2);
  if (ports.length > most) {
    return `${ports.length} ports of ${group.entry.host} were tried, which looks like a scan: a ServiceEntry holds ${most} at most.`;
  }
  const manifest = serviceEntry(group, ports, settings);
  const { addresses } = manifest.spec;
  if (Array.isArray(addresses) && addresses.length > most) {
    return `${group.entry.host} was reached at ${addresses.length} addresses: a ServiceEntry holds ${most} at most.`;
  }
  return { group, ports, manifest, yaml: toYaml(manifest) };
}

/** Do these ports carry a finding as `port`, that of its own entry, does? */
export function carries(ports: readonly Port[], port: Port): boolean {
  const same = ports.find((one) => one.number === port.number);
  return (
    same !== undefined && same.protocol === port.protocol && [...same.unrouted].every((one) => port.unrouted.has(one))
  );
}
