/** One entry for a whole family of hosts: offered beside the exact ones and never instead, since it opens more than was seen. */
import { type Alternative, list, opening } from "./alternative.ts";
import { settled } from "./evidence.ts";
import type { Family } from "./family.ts";
import type { FamilyPort } from "./family-ports.ts";
import { isAtLeast, manifestFor, type SuggestSettings } from "./service-entry.ts";
import { toYaml } from "./yaml.ts";

/** istio/api customresourcedefinitions.gen.yaml: at most 256 ports in one ServiceEntry. */
const mostPorts = 256;

/** The ServiceEntry `*.domain` of a family, which all its findings share; null where it has more ports than an entry holds. */
export function wildcardAlternative(family: Family, settings: SuggestSettings): Alternative | null {
  const { namespace, domain, ports } = family;
  if (ports.length > mostPorts) return null;
  const resolution = wildcardResolution(settings);
  const evidence = settled(ports.flatMap((port) => port.evidence));
  const manifest = manifestFor({ host: `*.${domain}`, namespace, evidence }, settings, {
    ports: ports.map(({ number, protocol }) => ({ number, name: `${protocol.toLowerCase()}-${number}`, protocol })),
    resolution,
  });
  const yaml = toYaml(manifest);
  const said = { why: why(family, resolution), warnings: warnings(family, resolution) };
  return {
    suggestion: { manifest, yaml, confidence: "low", ...said },
    serves: ({ owner }, port) =>
      ports.some((one) => one.number === port.number && one.protocol === port.protocol && one.teams.has(owner.team)),
  };
}

type Resolution = "NONE" | "DYNAMIC_DNS";

/**
 * Resolution DNS has nothing to look up for a wildcard, and Istio refuses it without endpoints (validation.go). DYNAMIC_DNS looks up
 * what the workload names; sidecars have it since Istio 1.30 (its change notes: #58244), and before 1.28 the CRD does not know it.
 * Where nobody said which Istio it is, NONE works in all.
 */
function wildcardResolution({ istio }: SuggestSettings): Resolution {
  return isAtLeast(istio, 30) ? "DYNAMIC_DNS" : "NONE";
}

function why({ namespace, domain, ports }: Family, resolution: Resolution): string[] {
  return [
    ...ports.map((port) => `It would cover ${list(port.hosts)}, seen from ${namespace} on ${spoken(port)}.`),
    resolution === "DYNAMIC_DNS"
      ? `Resolution DYNAMIC_DNS: Envoy looks up the name under ${domain} that the workload sends, and goes nowhere else.`
      : "Resolution NONE, since there is no one name that Envoy could look up: connections go where they were dialled.",
  ];
}

function warnings({ domain, ports }: Family, resolution: Resolution): string[] {
  const blocked = ports.flatMap((port) => port.blocked);
  const numbers = `port${ports.length === 1 ? "" : "s"} ${ports.map(({ number }) => number).join(", ")}`;
  const forged =
    resolution === "NONE"
      ? `With resolution NONE Envoy goes where the workload dialled: any address on ${numbers} is open to a workload that forges a Host header or SNI under ${domain}.`
      : `Envoy believes the Host header and SNI: a workload that is let through to one name under ${domain} can send another. Sidecars need Istio 1.30 or later; a waypoint takes TLS only with ENABLE_WILDCARD_HOST_SERVICE_ENTRIES_FOR_TLS on istiod.`;
  return [
    ...opening(blocked),
    `It opens more than was seen: every name under ${domain}, present and future. The exact entry opens one.`,
    forged,
    `${domain} itself is not covered.`,
  ];
}

const spoken = ({ number, protocol }: FamilyPort): string => `port ${number} (${protocol})`;
