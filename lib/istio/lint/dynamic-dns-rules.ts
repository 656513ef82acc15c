/** What istiod's webhook refuses with resolution DYNAMIC_DNS (istio pkg/config/validation ValidateServiceEntry). Pure. */
import { printable } from "../../words/printable.ts";
import type { Entry } from "./entry.ts";
import { type Found, refusals } from "./problem.ts";
import { protocolClass } from "./spellings.ts";

const refuse = refusals("istiod");

const dynamicProtocols = ["http", "http2", "grpc", "tls"];

/** Takes an entry of resolution DYNAMIC_DNS and gives what istiod refuses in it. */
export function dynamicDnsProblems({ hosts, addresses, endpoints, ports, location, labels }: Entry): Found[] {
  const out = hosts.flatMap((host, at) =>
    host === null || host.startsWith("*")
      ? []
      : [
          refuse(
            "ES0212",
            `spec.hosts[${at}]`,
            `resolution DYNAMIC_DNS is for wildcards, and ${printable(host)} is none`,
          ),
        ],
  );
  for (const [field, count] of Object.entries({ addresses: addresses.length, endpoints: endpoints.length })) {
    if (count > 0)
      out.push(refuse("ES0213", `spec.${field}`, `resolution DYNAMIC_DNS takes no ${field}: it asks DNS for the name`));
  }
  for (const { path, protocol } of ports) {
    if (protocol === null || dynamicProtocols.includes(protocol.toLowerCase())) continue;
    const class_ = protocolClass(protocol);
    if (class_ === "unknown") continue;
    const instead = class_ === "tls" ? "; write TLS" : "";
    out.push(
      refuse("ES0214", `${path}.protocol`, `resolution DYNAMIC_DNS knows HTTP, HTTP2, GRPC and TLS alone${instead}`),
    );
  }
  const waypoint = labels.get("istio.io/use-waypoint");
  const hasWaypoint = typeof waypoint === "string" && waypoint !== "" && waypoint.toLowerCase() !== "none";
  if (location === "MESH_INTERNAL" && hasWaypoint) {
    out.push(
      refuse(
        "ES0215",
        "spec.location",
        "resolution DYNAMIC_DNS with a waypoint is for what is outside (MESH_EXTERNAL)",
      ),
    );
  }
  return out;
}
