/** Tells an infrastructure name from a service's: a name that a provider's script made says who runs an address, not what answers. Pure. */
import { registrableDomain } from "../words/domain.ts";
import { addressInName } from "./address-in-name.ts";
import { genericRegion } from "./generic-region.ts";
import { genericTable } from "./generic-table.ts";

/** Why a name is generic; and whose it is, for what, and where, as far as the name tells. */
export interface Generic {
  why: string;
  provider: string | null;
  /** With its article: `an EC2 machine`. */
  service: string | null;
  /** As the provider writes it: a region (`eu-west-1`), the site of an edge (`fra50`), an access network's place (`nycmny`). */
  region: string | null;
}

const longest = 253;

/** Words for an access line. In front of, behind or between hyphens, dots and digits. */
const line = /(?:^|[.-])(dyn|dynamic|dhcp|[av]?dsl|ppp|pppoe|catv|cpe|gprs|broadband|dialin|dialup)(?=[.\d-]|$)/;
/** Words that services use as well (`db1.customer.example.org`): only next to a number that stands for a line or machine. */
const shared = "pool|cable|mobile|dial|rev|reverse|static|customer|client|hosted-by|ip-?pool|host";
const numbered = new RegExp(String.raw`(?:^|[.-])(${shared})[.-]?\d|(?:^|\.)\d[\d-]*[.-](${shared})(?:[.-]|$)`);
const placeholder = /(?:^|[.-])(unassigned|unallocated|no-?data|unused|not-assigned)(?=[.-]|$)/;

/**
 * Why a host name (canonical; `parseHost` made it) says nothing about the service behind an address (canonical, or null), or null
 * where it may. By the providers' own patterns, which may tell the place as well, by an address inside the name, by an access line's
 * words. A name that only goes on like a provider's (`ec2-….amazonaws.com.evil.example`) is not generic: it is a claim, and its owner's
 * own. Never throws; the time is bounded for whatever a stranger sends.
 */
export function genericReason(host: string, address: string | null): Generic | null {
  if (host.length > longest) return null;
  const row = genericTable.find(({ pattern }) => pattern.test(host));
  if (row !== undefined) {
    const { provider, service } = row;
    if (provider === null) return { why: `${service}, which names nothing`, provider, service: null, region: null };
    const region = genericRegion(host);
    const place = region === null ? "" : ` in ${region}`;
    return {
      why: `${provider}'s name for ${service}${place}: it tells whose the address is, not what answers there`,
      provider,
      service,
      region,
    };
  }
  if (genericTable.some(({ imitation, provider }) => provider !== null && imitation.test(host))) return null;
  const why = addressInName(host, address) ?? wordReason(host);
  return why === null ? null : { why, provider: null, service: null, region: null };
}

/** Only what somebody named below a domain of theirs counts: `mobile.de` and `pool.example` are names like any other. */
function wordReason(host: string): string | null {
  const domain = registrableDomain(host) ?? host.split(".").slice(-2).join(".");
  const below = host.endsWith(`.${domain}`) ? host.slice(0, -domain.length - 1) : "";
  const many = numbered.exec(below);
  const word = line.exec(below)?.[1] ?? many?.[1] ?? many?.[2];
  if (word !== undefined) return `named like one line or machine of many ("${word}")`;
  return placeholder.test(below) ? "a placeholder, no name" : null;
}
