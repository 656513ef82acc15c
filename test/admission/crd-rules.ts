/** The CRD's limits and CEL rules, which the API server applies even without istiod. istio.md §4.2. */
import { cidr } from "./names.ts";
import { type Endpoint, error, type Port, type Problem, type View } from "./view.ts";

export function crdRules(entry: View): Problem[] {
  const out: Problem[] = [];
  const refuse = (rule: string, bad: boolean, message: string): void => {
    if (bad) out.push(error(`crd/${rule}`, message));
  };
  const { hosts, addresses, resolution, present, endpoints, selector } = entry;
  refuse("hosts-count", hosts.length < 1 || hosts.length > 256, `${hosts.length} hosts`);
  refuse("hosts-star", hosts.includes("*"), "host *");
  refuse("addresses-count", addresses.length > 256, `${addresses.length} addresses`);
  refuse(
    "addresses-length",
    addresses.some((one) => one.length > 64),
    "an address of more than 64 characters",
  );
  refuse("either", present.has("workloadSelector") && present.has("endpoints"), "workloadSelector and endpoints");
  const ranges = addresses.some((one) => one.includes("/") && cidr(one));
  refuse("cidr", ranges && !["NONE", "STATIC"].includes(resolution), `CIDR with ${resolution}`);
  refuse("none-endpoints", resolution === "NONE" && present.has("endpoints"), "NONE has endpoints, be they none");
  refuse("round-robin", resolution === "DNS_ROUND_ROBIN" && endpoints.length > 1, "more than one endpoint");
  refuse("endpoints-count", endpoints.length > 4096, `${endpoints.length} endpoints`);
  const selectorFault = (selector ?? []).some(([, value]) => value.length > 63 || value.includes("*"));
  refuse("selector", selectorFault, "a label of workloadSelector");
  const ports = entry.ports.filter((one): one is Port => one !== null);
  portRules(ports, refuse);
  for (const one of endpoints) if (one !== null) endpointRules(one, refuse);
  return out;
}

type Refuse = (rule: string, bad: boolean, message: string) => void;

function portRules(ports: readonly Port[], refuse: Refuse): void {
  refuse("ports-count", ports.length > 256, `${ports.length} ports`);
  refuse(
    "port-required",
    ports.some((one) => one.name === "" || one.number === 0),
    "a port without a name or a number",
  );
  refuse(
    "port-range",
    ports.some((one) => one.number > 65535 || one.targetPort > 65535),
    "a port above 65535",
  );
  refuse("port-names", new Set(ports.map((one) => one.name)).size < ports.length, "two ports of one name");
  refuse("port-numbers", new Set(ports.map((one) => one.number)).size < ports.length, "two ports of one number");
}

function endpointRules({ address, network, ports }: Endpoint, refuse: Refuse): void {
  refuse("endpoint-place", address === "" && network === "", "an endpoint with neither address nor network");
  const path = address.startsWith("unix://") ? address.slice("unix://".length) : null;
  refuse("endpoint-unix", path !== null && !path.startsWith("/") && !path.startsWith("@"), address);
  refuse("endpoint-unix", path !== null && ports.length > 0, "a unix endpoint with ports");
  refuse("endpoint-ports-count", ports.length > 128, `${ports.length} ports of an endpoint`);
  const key = /^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/;
  refuse(
    "endpoint-port",
    ports.some(([name]) => !key.test(name) || name.length >= 63),
    "the name of an endpoint's port",
  );
  refuse(
    "endpoint-port",
    ports.some(([, number]) => number < 1 || number > 65535),
    "the number of an endpoint's port",
  );
}
