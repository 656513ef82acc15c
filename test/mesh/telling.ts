/** What of a call its series tell: a mesh's Telemetry resource, its TLS inspectors and its age. */
import { type AddressSpelling, addressLabels, emptied, type Labels } from "./labels.ts";

export interface Telling {
  /** Default "address". */
  address?: AddressSpelling;
  /** `requested_server_name` on TCP, where a call has an SNI. Default true. */
  sni?: boolean;
  /** The address on `istio_requests_total` too. Default true. */
  httpAddress?: boolean;
  /** The added labels on every series, in-mesh ones included, and not behind the catch-alls alone. Default false. */
  everySeries?: boolean;
  /** Proxies that do not yet tell a ServiceEntry's namespace. Default false. */
  olderProxies?: boolean;
  /** Istio 1.3: Mixer tells for all pods, with other labels. Default false. */
  mixer?: boolean;
}

/** The added labels of an HTTP series: of a catch-all, or of anything else. `to` is ip:port. */
export function httpAdded(telling: Telling, to: string, catchAll: boolean): Labels {
  if (telling.mixer || telling.httpAddress === false) return {};
  const labels = addressLabels(telling.address ?? "address", to);
  return catchAll || telling.everySeries ? labels : emptied(labels);
}

/** The added labels of a TCP series. Envoy's TLS inspector tells the SNI in lower case. Mixer's rule took the address alone. */
export function tcpAdded(telling: Telling, to: string, sni: string | undefined, catchAll: boolean): Labels {
  if (telling.mixer) return telling.address === "none" ? {} : addressLabels("ip", to);
  const name: Labels = telling.sni === false ? {} : { requested_server_name: (sni ?? "").toLowerCase() };
  const labels = { ...addressLabels(telling.address ?? "address", to), ...name };
  return catchAll || telling.everySeries ? labels : emptied(labels);
}

/** The SNI that a reader of these labels can take for a host's; names that Istio itself puts there stand for none. */
export function seenSni(added: Labels): string | null {
  const name = added.requested_server_name ?? "";
  return name === "" || /^(outbound_\.|invalid:)/.test(name) ? null : name;
}
