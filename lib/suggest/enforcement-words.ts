/** What is said of an AuthorizationPolicy that enforces a policy. Pure. */
import type { Finding } from "../model.ts";
import type { Decision, Policy } from "../policy/index.ts";
import { printable } from "../words/printable.ts";
import type { EgressGateway } from "./service-entry.ts";

/** Why the object is as it is. */
export function reasons({ why, list }: Decision, { name }: Policy, { namespace }: EgressGateway): string[] {
  return [
    why,
    list === "deny"
      ? `The AuthorizationPolicy denies what ${printable(name)} denies at the egress gateway in ${namespace}, by the SNI.`
      : `The AuthorizationPolicy denies at the egress gateway in ${namespace} every SNI that is on no allow list.`,
    "DENY and not ALLOW: the first ALLOW policy of a gateway shuts out everything else that uses it.",
    "The values are in lower case: Istio compares them as they stand, and Envoy writes an SNI in lower case.",
  ];
}

/**
 * What must be true for it to work.
 * @param isScoped it is for some namespaces
 */
export function warnings(
  { destination, source }: Finding,
  { list }: Decision,
  isScoped: boolean,
  { namespace }: EgressGateway,
  isThroughGateway: boolean,
): string[] {
  const mutual = "the sidecar wraps the call in ISTIO_MUTUAL and its DestinationRule sets tls.sni to the host";
  const who = `${source.namespace}/${source.workload}`;
  return [
    ...(isThroughGateway
      ? []
      : [
          `${who} goes out past the gateway today: the policy stops nothing before the host is led through the gateway in ${namespace}, and a NetworkPolicy keeps workloads from going out directly. Istio enforces no AuthorizationPolicy at the caller's sidecar.`,
        ]),
    `The gateway has to see the caller's SNI: its server for the host is TLS with PASSTHROUGH, or ${mutual}. Else it sees outbound_.443_..., ${list === "deny" ? "which no value here matches" : "which is on no list and is denied"}.`,
    ...(!isScoped
      ? []
      : [
          `source.namespaces needs mTLS up to the gateway (ISTIO_MUTUAL): with PASSTHROUGH it does not learn who calls, and denies nobody.`,
        ]),
    ...(destination.protocol === "tls"
      ? []
      : [
          `This call is plain ${destination.protocol === "grpc" ? "gRPC" : "HTTP"}, which has no SNI of its own: only where ${mutual} is it seen.`,
        ]),
    ...(list === "allow"
      ? [
          "All else that these callers send through the gateway is denied from then on, whatever it was for: egress-scout policy test tells of a name what becomes of it.",
        ]
      : []),
  ];
}
