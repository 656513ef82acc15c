/** Findings and messages for the tests of channels: plain ones, many, and hostile ones. */
import { readFileSync } from "node:fs";
import type { Finding, Message } from "../../lib/model.ts";

export const at = Date.UTC(2026, 10, 22, 10, 15);

export function yamlOf(host: string, lines = 0): string {
  const comment = Array.from(
    { length: lines },
    (_, index) => `# seen ${index + 1}: 2026-11-22 10:04 & on <stage>\n`,
  ).join("");
  return `${comment}apiVersion: "networking.istio.io/v1"
kind: "ServiceEntry"
metadata:
  name: "egress-api-stripe-com"
  namespace: "payments"
spec:
  hosts:
    - ${JSON.stringify(host)}
  location: "MESH_EXTERNAL"
  resolution: "DNS"
  ports:
    - number: 443
      name: "tls"
      protocol: "TLS"
`;
}

export function finding(change: Partial<Finding> = {}): Finding {
  return {
    id: "f-4be1c09a77d2",
    key: "k-1",
    kind: "new-destination",
    state: "open",
    severity: "warning",
    source: { cluster: "prod-eu", namespace: "payments", workload: "checkout" },
    destination: {
      verdict: "allowed",
      protocol: "tls",
      host: "api.stripe.com",
      address: "3.18.12.63",
      port: 443,
      sni: "api.stripe.com",
      claim: null,
    },
    addresses: ["3.130.192.231", "3.18.12.63"],
    count: 12,
    destinations: null,
    expected: null,
    firstSeen: Date.UTC(2026, 10, 22, 10, 4),
    lastSeen: Date.UTC(2026, 10, 22, 10, 12),
    names: [{ name: "api.stripe.com", from: "sni", trust: "confirmed", why: "resolves to 3.18.12.63" }],
    owner: { team: "payments", from: "config", channels: ["slack-payments"] },
    summary: "payments/checkout reached api.stripe.com:443 for the first time.",
    noSuggestion: null,
    suggestions: [
      {
        manifest: {
          apiVersion: "networking.istio.io/v1",
          kind: "ServiceEntry",
          metadata: { name: "egress-api-stripe-com" },
          spec: {},
        },
        yaml: yamlOf("api.stripe.com"),
        confidence: "high",
        why: ["the SNI is confirmed by DNS"],
        warnings: ["covers port 443 only"],
      },
    ],
    ...change,
  };
}

export function message(findings: Finding[], change: Partial<Message> = {}): Message {
  return { id: "msg-0011223344556677", cluster: "prod-eu", team: "payments", reason: "first", at, findings, ...change };
}

/** As many different findings, with manifests of different lengths. */
export function many(count: number): Finding[] {
  return Array.from({ length: count }, (_, index) => {
    const host = `host-${index}.example`;
    const [suggestion] = finding().suggestions;
    return finding({
      id: `f-${index}`,
      severity: index < 3 ? "critical" : "warning",
      source: { cluster: "prod-eu", namespace: `ns-${index % 7}`, workload: `w-${index}` },
      destination: { ...finding().destination, host, sni: host },
      names: [{ name: host, from: "sni", trust: "claimed", why: "" }],
      suggestions: suggestion === undefined ? [] : [{ ...suggestion, yaml: yamlOf(host, index % 11) }],
    });
  });
}

/** Every value of the hostile names' list. */
export const hostileValues: readonly string[] = (
  JSON.parse(readFileSync(new URL("../data/hostile-names.json", import.meta.url), "utf8")) as { value: string }[]
).map(({ value }) => value);

/** A finding that has the value wherever a stranger, or a careless stage before us, could put it. */
export function hostile(value: string, index: number): Finding {
  const [suggestion] = finding().suggestions;
  return finding({
    id: `f-${value}`,
    source: { cluster: value, namespace: value, workload: value },
    destination: {
      verdict: "blocked",
      protocol: "http",
      host: index % 2 === 0 ? value : null,
      address: index % 3 === 0 ? value : null,
      port: 80,
      sni: value,
      claim: value,
    },
    addresses: [value],
    expected: { mean: 0.02, p: 3e-9, basis: value },
    names: [{ name: value, from: "ptr", trust: "contradicted", why: value }],
    owner: { team: value, from: value, channels: ["slack-payments"] },
    summary: `payments/checkout called ${value} for the first time.`,
    noSuggestion: index % 2 === 0 ? value : null,
    suggestions:
      index % 2 === 0 || suggestion === undefined ? [] : [{ ...suggestion, why: [value], warnings: [value] }],
  });
}
