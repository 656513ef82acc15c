/** Telemetry that was there has gone: no data is never "all quiet". */
import type { Blindness, Finding } from "../model.ts";
import { type Detector, type Evidence, finding, nowhere } from "./detector.ts";
import { findingId } from "./finding-id.ts";

/** What is worth a finding when it begins; the rest is said in every run. */
const worth: ReadonlySet<Blindness["code"]> = new Set(["gap", "no-series", "no-address"]);

/** One finding for each kind of blindness, open as long as it lasts. What a set-up never showed is no finding. */
export const goneBlind: Detector = {
  kind: "blind",
  detect({ cluster, window, blind, open, memory }) {
    const findings: Finding[] = [];
    const now = new Map<string, Finding>();
    for (const { code, text } of blind) {
      if (!worth.has(code) || memory.size === 0 || (code === "no-address" && !hadAddresses(memory))) continue;
      const id = findingId("blind", cluster, code);
      const source = { cluster, namespace: "", workload: "" };
      const destination = nowhere("allowed");
      const seen = { key: id, source, destination, count: 0, firstSeen: window.from, lastSeen: window.to };
      now.set(id, { ...finding("blind", "warning", id, seen), summary: `${cluster}: ${text}.` });
    }
    for (const one of now.values()) if (!open.has(one.id)) findings.push(one);
    const over = [...open.values()].filter((one) => one.kind === "blind" && !now.has(one.id));
    findings.push(...over.map((one): Finding => ({ ...one, state: "resolved", lastSeen: window.to })));
    return {
      findings,
      opened: [...now.values()].filter((one) => !open.has(one.id)),
      closed: over.map((one) => one.id),
    };
  },
};

function hadAddresses(memory: Evidence["memory"]): boolean {
  for (const { destination } of memory.values())
    if (destination.protocol === "tcp" && destination.address !== null) return true;
  return false;
}
