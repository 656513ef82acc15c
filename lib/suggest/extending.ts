/** The entries in force that hold what is called, each with all that this run asks of it. Pure. */
import type { Draft } from "./draft.ts";
import type { Existing, Held } from "./existing.ts";
import { type Extension, extensions } from "./extension.ts";
import type { SuggestSettings } from "./service-entry.ts";

/** What the entries in force that hold the drafts' hosts become, each with all that the drafts ask of it. */
export function extending(
  drafts: readonly (Draft | string)[],
  known: Existing,
  settings: SuggestSettings,
): Map<Draft, Extension> {
  const byEntry = new Map<Held["entry"], { held: Held; own: Draft[] }>();
  for (const one of drafts) {
    const held = typeof one === "string" ? null : known.holding(one.group.entry, one.group.namespace);
    if (typeof one === "string" || held === null) continue;
    const same = byEntry.get(held.entry) ?? { held, own: [] };
    byEntry.set(held.entry, same);
    same.own.push(one);
  }
  return new Map([...byEntry.values()].flatMap(({ held, own }) => [...extensions(own, held, settings)]));
}
