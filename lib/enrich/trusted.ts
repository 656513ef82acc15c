/** Which names may be looked up. A name that a workload wrote would otherwise carry out whatever it put there. Pure. */

import type { EntryInForce } from "../model.ts";
import { registrableDomain } from "../words/domain.ts";
import { insideReason } from "../words/host.ts";
import { sharedSuffix } from "../words/shared-tenants.ts";

/** May this canonical host name be looked up? */
export type Trusting = (host: string) => boolean;

/** Longer labels are no host anybody named, but room for what is to be smuggled out. */
const longestLabel = 40;
const mostLabels = 8;

/**
 * Names under the registrable domain of a ServiceEntry in force (under a shared one, of the same customer), and under the config's `enrich.dns.trusted` (look-ups
 * forward). Names of the inside never, nor those made to hold more than a name.
 */
export function trusting(entries: readonly Pick<EntryInForce, "hosts">[], domains: readonly string[]): Trusting {
  const registrable = new Set(entries.flatMap(({ hosts }) => hosts.flatMap((host) => domainOf(bare(host)) ?? [])));
  const suffixes = domains.map(bare);
  const named = new Set([...registrable, ...suffixes]);
  return (host) => {
    // Most of all that a mesh calls is under none of them, and whose a name is takes long to tell.
    if (!isUnder(host, named)) return false;
    const labels = host.split(".");
    // The text of a wildcard is a question like any other, and what answers it is everybody under it.
    if (host.startsWith("*")) return false;
    if (insideReason(host) !== null || labels.length > mostLabels) return false;
    if (labels.some((label) => label.length > longestLabel)) return false;
    const domain = domainOf(host);
    if (domain !== null && registrable.has(domain)) return true;
    return suffixes.some((suffix) => host === suffix || host.endsWith(`.${suffix}`));
  };
}

/** Is the host one of the domains, or below one? */
function isUnder(host: string, domains: ReadonlySet<string>): boolean {
  if (domains.has(host)) return true;
  for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1))
    if (domains.has(host.slice(dot + 1))) return true;
  return false;
}

/** Where customers have names under one domain (`acme.zendesk.com`), one customer's names say nothing of another's. */
function domainOf(host: string): string | null {
  const registrable = registrableDomain(host);
  const shared = sharedSuffix(host);
  if (registrable === null || shared === null) return registrable;
  if (host === shared) return null;
  const tenant = host
    .split(".")
    .slice(-shared.split(".").length - 1)
    .join(".");
  return registrable.length > tenant.length ? registrable : tenant;
}

/** `*.Example.com`, `.example.com` and `example.com.` stand for `example.com`. */
const bare = (domain: string): string =>
  domain
    .toLowerCase()
    .replace(/^\*?\./, "")
    .replace(/\.$/, "");
