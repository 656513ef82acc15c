/** Rules 1 to 15 and 26 of Istio's validation (istio.md §4.1): those that need no look at the resolution's meaning. */
import { cidr, hostFault, ip, isKnown } from "./names.ts";
import { error, type Port, type Problem, type View, warning } from "./view.ts";

export function specRules(entry: View): Problem[] {
  return [
    ...selectorRules(entry),
    ...hostRules(entry),
    ...addressRules(entry),
    ...portRules(entry),
    ...exportRules(entry),
  ];
}

function selectorRules({ selector, endpoints }: View): Problem[] {
  if (selector === null) return [];
  const out = selector
    .filter(([key, value]) => key === "" || `${key}${value}`.includes("*"))
    .map(([key, value]) => error("1", `workloadSelector ${key}=${value}`));
  if (selector.length === 0) out.push(warning("2", "workloadSelector applies to all services of the namespace"));
  if (endpoints.length > 0) out.push(error("3", "workloadSelector and endpoints"));
  return out;
}

function hostRules({ hosts, resolution }: View): Problem[] {
  const out = hosts.length === 0 ? [error("4", "no hosts")] : [];
  for (const host of hosts) {
    const fault = hostFault(host);
    if (host === "*") out.push(error("5", "host *"));
    if (fault !== null) out.push(error("6", `${JSON.stringify(host)}: ${fault}`));
    if (host.includes("*") && !host.startsWith("*.") && resolution !== "DYNAMIC_DNS")
      out.push(warning("7", `partial wildcard ${host}`));
  }
  return out;
}

function addressRules({ addresses, resolution }: View): Problem[] {
  return addresses.flatMap((address) => {
    if (!ip(address) && !cidr(address)) return [error("8", `${address} is no address`)];
    return cidr(address) && !["NONE", "STATIC"].includes(resolution) ? [error("9", `CIDR with ${resolution}`)] : [];
  });
}

function portRules(entry: View): Problem[] {
  const out = entry.ports.some((one) => one === null) ? [error("10", "a null port")] : [];
  const ports = entry.ports.filter((one): one is Port => one !== null);
  for (const field of ["name", "number"] as const) {
    if (new Set(ports.map((one) => one[field])).size < ports.length) out.push(error("11", `two ports of one ${field}`));
  }
  const inRange = (number: number): boolean => Number.isInteger(number) && number >= 1 && number <= 65535;
  for (const { name, number, protocol, targetPort } of ports) {
    if (!inRange(number) || (targetPort !== 0 && !inRange(targetPort))) out.push(error("12", `port ${number}`));
    const isBare = protocol === "" || protocol === "TCP";
    if (isBare && entry.addresses.length === 0 && !isAutoAllocated(entry)) {
      out.push(warning("13", "addresses are required for ports serving TCP (or unset)"));
    }
    if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) out.push(error("14", `port name ${name}`));
    if (!isKnown(protocol)) out.push(error("15", `protocol ${protocol}`));
  }
  return out;
}

/** pilot/pkg/networking/serviceentry/ip_autoallocation.go, with the default PILOT_ENABLE_IP_AUTOALLOCATE. */
function isAutoAllocated({ resolution, labels, addresses }: View): boolean {
  return (
    resolution !== "NONE" &&
    labels.get("networking.istio.io/enable-autoallocate-ip") !== "false" &&
    addresses.length === 0
  );
}

function exportRules({ exportTo, namespace }: View): Problem[] {
  const out: Problem[] = [];
  const meant = exportTo.map((one) => (one === namespace ? "." : one));
  if (new Set(meant).size < meant.length) out.push(error("26", `exportTo twice: ${exportTo}`));
  for (const alone of ["*", "~"])
    if (meant.includes(alone) && meant.length > 1) out.push(error("26", `${alone} beside others`));
  const bad = meant.find((one) => ![".", "*", "~"].includes(one) && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(one));
  if (bad !== undefined) out.push(error("26", `exportTo ${JSON.stringify(bad)}`));
  return out;
}
