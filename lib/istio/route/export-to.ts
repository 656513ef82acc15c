/** Who sees an entry. */
import type { ServiceEntry } from "../in-force.ts";

/**
 * Which namespaces an entry is exported to: all, or those listed. Nothing said means all, which the mesh's defaultServiceExportTo may
 * change; that one is not known here (model/push_context.go initServiceRegistry; `~` means nobody, and loses to `*`).
 */
export function exportedTo(entry: ServiceEntry): "all" | readonly string[] {
  if (entry.exportTo.length === 0 || entry.exportTo.includes("*")) return "all";
  if (entry.exportTo.includes("~")) return [];
  return [...new Set(entry.exportTo.map((one) => (one === "." ? entry.namespace : one)))];
}

export function isExported(entry: ServiceEntry, namespace: string): boolean {
  const to = exportedTo(entry);
  return to === "all" || to.includes(namespace);
}
