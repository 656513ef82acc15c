/** A host that could join an entry in force of its own domain: offered beside the exact entry. Pure. */
import { registrableDomain, wildcardDomain } from "../words/domain.ts";
import type { Alternative } from "./alternative.ts";
import type { Draft } from "./draft.ts";
import type { Existing, Held } from "./existing.ts";
import { extended } from "./extension.ts";

/** istio/api customresourcedefinitions.gen.yaml: at most 256 hosts in one ServiceEntry. */
const most = 256;

/**
 * The first of the namespace's own entries that holds nothing but hosts of the same domain, one party's alone, and has the host's ports
 * as HTTP or TLS, which tell hosts apart; with the host added. Null where there is none. Throws nothing.
 */
export function joining({ group, ports }: Draft, { related }: Existing): Alternative | null {
  const { host, address } = group.entry;
  const domain = address === null ? wildcardDomain(host) : null;
  if (domain === null) return null;
  const held = related(domain, group.namespace).find((one) => isFit(one, domain));
  if (held === undefined) return null;
  const isSame = ports.every(({ number, protocol }) => alike(held.ports.get(number)) === protocol);
  const made = isSame ? extended(held, { hosts: [host] }, []) : { why: "its ports differ" };
  if ("why" in made) return null;
  const unseen = [...held.ports.keys()].filter((number) => !ports.some((port) => port.number === number));
  const { warnings, ...rest } = made;
  return {
    suggestion: {
      ...rest,
      confidence: "medium",
      why: [
        `${held.where} holds ${held.entry.hosts.slice(0, 3).join(", ")}${held.entry.hosts.length > 3 ? " and more" : ""} of ${domain} with the same port${ports.length === 1 ? "" : "s"}: ${host} can join it.`,
      ],
      warnings: [
        ...(unseen.length === 0 ? [] : [`It opens port ${unseen.join(", ")} of ${host} as well, which was not seen.`]),
        ...warnings,
      ],
    },
    serves: () => true,
  };
}

function isFit({ entry: { hosts }, addresses, ports, manifest, resolution }: Held, domain: string): boolean {
  return (
    hosts.length < most &&
    hosts.every((host) => !host.startsWith("*") && registrableDomain(host) === domain) &&
    addresses.length === 0 &&
    !("endpoints" in manifest.spec) &&
    resolution.startsWith("DNS") &&
    ports.size > 0 &&
    [...ports.values()].every((protocol) => alike(protocol) !== null)
  );
}

/** A port's protocol as we write it; null for one that does not tell hosts apart. */
function alike(protocol: string | undefined): string | null {
  if (protocol === "HTTPS") return "TLS";
  return ["HTTP", "HTTP2", "GRPC", "TLS"].includes(protocol ?? "") ? (protocol ?? null) : null;
}
