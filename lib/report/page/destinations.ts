/** Where flows go, and to what each belongs: a registrable domain, or a network. Pure. */

import type { Destination, Name } from "../../model.ts";
import { registrableDomain } from "../../words/domain.ts";
import type { PageDestination } from "./data.ts";
import { shown } from "./shown.ts";

/** Destinations as they are met, each once, by what they are called. */
export interface Destinations {
  all: PageDestination[];
  /** @returns its place in `all` */
  at(destination: Destination, names: readonly Name[]): number;
  /** Of one that was met; null else. */
  find(destination: Destination): number | null;
}

const nameless = { group: "addresses without a name", by: "none" } as const;

export function destinationsOf(): Destinations {
  const all: PageDestination[] = [];
  const places = new Map<string, number>();
  return {
    all,
    find: (destination) => places.get(labelOf(destination)) ?? null,
    at(destination, names) {
      const label = labelOf(destination);
      const place = places.get(label) ?? all.length;
      places.set(label, place);
      const known = all[place];
      // Of one address some flows may have a name and others not yet.
      if (known === undefined || known.by === "none")
        all[place] = { label: shown(label), ...groupOf(destination, names) };
      return place;
    },
  };
}

const labelOf = ({ host, address, claim }: Destination): string => host ?? claim ?? address ?? "not visible";

function groupOf({ host, address, claim }: Destination, names: readonly Name[]): Omit<PageDestination, "label"> {
  if (host !== null) return { group: registrableDomain(host) ?? host, by: "domain" };
  if (claim !== null) return { group: "no host names", by: "none" };
  if (address === null) return { group: "not visible: no address label", by: "none" };
  const called = names.find(({ trust, from }) => trust === "confirmed" && from !== "range" && from !== "asn");
  if (called !== undefined) return { group: shown(registrableDomain(called.name) ?? called.name), by: "domain" };
  const network = names.find(({ from }) => from === "range") ?? names.find(({ from }) => from === "asn");
  if (network !== undefined) return { group: shown(network.name), by: "network" };
  const machine = names.find(({ trust }) => trust === "generic");
  const domain = machine === undefined ? null : registrableDomain(machine.name);
  return domain === null ? nameless : { group: shown(domain), by: "network" };
}
