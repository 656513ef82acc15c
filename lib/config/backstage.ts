/** A Backstage catalogue → who owns what. Pure. */
import * as z from "zod";
import type { Ownership } from "../model.ts";
import { readDocuments } from "../words/documents.ts";
import { printable } from "../words/printable.ts";
import { type OwnersRead, teamName } from "./codeowners.ts";

/** A Kubernetes name: no glob, whoever wrote the catalogue. */
const kubernetesName = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/);
const other = z.object({ kind: z.string() }).refine(({ kind }) => kind !== "Component");
const component = z.object({
  apiVersion: z.string().regex(/^backstage\.io\//),
  kind: z.literal("Component"),
  metadata: z.object({
    name: z.string().regex(/^[\w.-]{1,253}$/),
    annotations: z
      .object({
        "backstage.io/kubernetes-id": kubernetesName,
        "backstage.io/kubernetes-namespace": kubernetesName,
        // A cluster may be an ARN.
        "backstage.io/kubernetes-cluster": z.string().regex(/^[^*?]+$/),
      })
      .partial()
      .default({}),
  }),
  spec: z.object({ owner: z.string().trim().min(1) }),
});

/**
 * The Components of catalogue files, other kinds passed over: the workload is `backstage.io/kubernetes-id` or else the name, in
 * `backstage.io/kubernetes-namespace` or else in any, in `backstage.io/kubernetes-cluster` or else in any (Backstage, well-known
 * annotations); `spec.owner` is an entity reference, and its name the team. Those that say more of the place come first. Where two of
 * different owners say the same place the first by file decides, and it is said. Throws nothing.
 */
export function parseCatalogue(files: readonly { file: string; text: string }[]): OwnersRead {
  const read: OwnersRead = { lines: [], faults: [] };
  const taken = new Map<string, string>();
  for (const { file, text } of files) {
    for (const { index, value, fault } of readDocuments(text)) {
      const at = `document ${index} of ${file}`;
      if (fault !== null) read.faults.push(`${at} is no YAML (${printable(fault.message).slice(1, -1)})`);
      if (value === null || other.safeParse(value).success) continue;
      const line = component.safeParse(value).data;
      if (line === undefined) {
        read.faults.push(`${at} is no Component with a name and a spec.owner`);
        continue;
      }
      const { place, ...owned } = ownershipOf(line);
      const before = taken.get(place);
      if (before === undefined) read.lines.push(owned);
      else if (before !== owned.team) read.faults.push(`${at} gives ${place} to ${owned.team}, and ${before} has it`);
      taken.set(place, before ?? owned.team);
    }
  }
  read.lines.sort((one, another) => wildness(one) - wildness(another));
  return read;
}

function ownershipOf({ metadata, spec }: z.infer<typeof component>): Ownership & { team: string; place: string } {
  const said = metadata.annotations;
  const cluster = said["backstage.io/kubernetes-cluster"] ?? "*";
  const namespace = said["backstage.io/kubernetes-namespace"] ?? "*";
  const workload = said["backstage.io/kubernetes-id"] ?? metadata.name;
  const place = [cluster === "*" ? "" : `${printable(cluster)} `, `${namespace}/${workload}`].join("");
  return { cluster, namespace, workload, team: teamName(spec.owner), place };
}

const wildness = ({ cluster, namespace }: Ownership): number => (namespace === "*" ? 2 : 0) + (cluster === "*" ? 1 : 0);
