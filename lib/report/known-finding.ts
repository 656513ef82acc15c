/** A finding that is known → its document in a list. Pure. */
import * as z from "zod";
import { type Finding, findingKinds, type Subject, severities, type Verdict } from "../model.ts";
import { rfc3339, verdictDocument } from "./document.ts";
import { destinationSchema, sourceSchema, verdictSchema } from "./scan-schema.ts";

const time = z.iso.datetime();

export const knownFindingSchema = z.object({
  id: z.string(),
  kind: z.enum(findingKinds),
  /** `told`: it was told, and is open no longer, or was never more than a moment's. */
  state: z.enum(["open", "told"]),
  severity: z.enum(severities).nullable(),
  cluster: z.string(),
  source: sourceSchema,
  destination: destinationSchema,
  /** As the last run that saw it has it; null where it is not open. */
  count: z.int().nullable(),
  firstSeen: time.nullable(),
  lastSeen: time.nullable(),
  /** Null where it was not told. */
  team: z.string().nullable(),
  toldAt: time.nullable(),
  verdict: verdictSchema.nullable(),
});

export interface KnownTold {
  cluster: string;
  subject: Subject;
  open: Finding | null;
  told: { team: string; at: number } | null;
  verdict: Verdict | null;
}

export function knownFindingDocument(known: KnownTold): z.infer<typeof knownFindingSchema> {
  const { subject, cluster, open, told, verdict } = known;
  const { verdict: passage, protocol, host, address, port, sni } = subject.destination;
  const at = (time: number | undefined) => (time === undefined ? null : rfc3339(time));
  return {
    ...{ id: subject.id, kind: subject.kind, state: open === null ? "told" : "open" },
    ...{ severity: open?.severity ?? null, cluster, source: { ...subject.source } },
    destination: { verdict: passage, protocol, host, address, port, sni },
    ...{ count: open?.count ?? null, firstSeen: at(open?.firstSeen), lastSeen: at(open?.lastSeen) },
    ...{ team: told?.team ?? null, toldAt: at(told?.at) },
    verdict: verdict === null ? null : verdictDocument(verdict),
  };
}
