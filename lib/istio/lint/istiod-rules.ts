/** What istiod's webhook refuses or warns of, whatever the resolution (istio pkg/config/validation ValidateServiceEntry). Pure. */
import { printable } from "../../words/printable.ts";
import type { Entry } from "./entry.ts";
import { type Found, found, keyed, refusals } from "./problem.ts";
import { hostFault, isAddress, isCidr, isLabel, protocolClass } from "./spellings.ts";

const refuse = refusals("istiod");

/** Takes an entry and gives what istiod says of it, but for what depends on the resolution (resolution-rules.ts). */
export function istiodProblems(entry: Entry): Found[] {
  return [
    ...selectorProblems(entry),
    ...hostProblems(entry),
    ...addressProblems(entry),
    ...portProblems(entry),
    ...severalHosts(entry),
    ...exportProblems(entry),
  ];
}

function selectorProblems({ selector }: Entry): Found[] {
  if (selector === null) return [];
  if (selector.length === 0) {
    const message =
      "Without labels the workloadSelector takes every workload of the namespace for an endpoint of the host.";
    return [found("ES0301", "spec.workloadSelector", message)];
  }
  return selector.flatMap(([key]) =>
    key === "" || key.includes("*")
      ? [
          refuse(
            "ES0201",
            `spec.workloadSelector.labels${keyed(key)}`,
            "a label's key is not empty and has no wildcard",
          ),
        ]
      : [],
  );
}

function hostProblems({ hosts, resolution }: Entry): Found[] {
  return hosts.flatMap((host, at) => {
    if (host === null || host === "*") return [];
    const path = `spec.hosts[${at}]`;
    const fault = isAddress(host) ? "it is an IP address, which belongs into addresses" : hostFault(host);
    if (fault !== null) return [refuse("ES0202", path, `${printable(host)} is no host: ${fault}`)];
    if (!host.includes("*") || host.startsWith("*.") || resolution === "DYNAMIC_DNS") return [];
    const said = `${printable(host)} is a partial wildcard, which Envoy takes for no SNI: on a TLS port it refuses the listener`;
    return [found("ES0302", path, `${said}; write *.DOMAIN or the names themselves.`)];
  });
}

function addressProblems({ addresses }: Entry): Found[] {
  return addresses.flatMap((address, at) => {
    if (address === null || (address.split("/").length === 2 ? isCidr(address) : isAddress(address))) return [];
    return [refuse("ES0203", `spec.addresses[${at}]`, `${printable(address)} is neither an IP address nor a CIDR`)];
  });
}

function portProblems({ ports }: Entry): Found[] {
  return ports.flatMap(({ path, name, protocol }) => {
    const out: Found[] = [];
    if (name !== null && !isLabel(name)) {
      const what = `the port name ${printable(name)} is not made of letters, digits and hyphens, 63 at most`;
      out.push(refuse("ES0204", `${path}.name`, what));
    }
    if (protocol !== null && protocolClass(protocol) === "unknown") {
      out.push(refuse("ES0205", `${path}.protocol`, `it knows no protocol ${printable(protocol)}`));
    }
    return out;
  });
}

/** HTTP has its Host and TLS its SNI; TCP has nothing to tell hosts apart by. With NONE that does not matter. */
function severalHosts({ hosts, ports, resolution }: Entry): Found[] {
  if (hosts.length < 2 || resolution === "NONE" || resolution === null) return [];
  const port = ports.find(({ protocol }) => protocol !== null && !["http", "tls"].includes(protocolClass(protocol)));
  if (port === undefined) return [];
  const what = `${hosts.length} hosts share ${port.protocol === "" ? "a port without protocol" : `a port of protocol ${printable(port.protocol ?? "").slice(1, -1)}`}, on which nothing tells them apart`;
  return [refuse("ES0216", `${port.path}.protocol`, what)];
}

/** `.` and the entry's own namespace are one and the same. */
function exportProblems({ exportTo, namespace }: Entry): Found[] {
  const out: Found[] = [];
  const seen = new Set<string>();
  for (const [at, one] of exportTo.entries()) {
    if (one === null) continue;
    const path = `spec.exportTo[${at}]`;
    const key = one === "." ? namespace : one;
    const isKnown = ["*", "~", "."].includes(one) || isLabel(one);
    if (seen.has(key))
      out.push(refuse("ES0217", path, `exportTo has ${printable(one)} twice (. is the entry's own namespace)`));
    else if (isKnown) seen.add(key);
    else out.push(refuse("ES0219", path, `${printable(one)} is neither a namespace nor one of ., * and ~`));
  }
  for (const alone of ["*", "~"]) {
    if (!seen.has(alone) || exportTo.length < 2) continue;
    const means = alone === "*" ? "all namespaces" : "none";
    out.push(refuse("ES0218", "spec.exportTo", `exportTo has ${alone} (${means}) beside others`));
  }
  return out;
}
