/** What enforces a policy that a call violates: an AuthorizationPolicy at the egress gateway. Pure. */
import { createHash } from "node:crypto";
import type { Finding, Manifest, Suggestion } from "../model.ts";
import { confirmedOf, type Decision, type Pattern, type Policies, type Policy, parsePattern } from "../policy/index.ts";
import { printable } from "../words/printable.ts";
import { reasons, warnings } from "./enforcement-words.ts";
import type { EgressGateway, SuggestSettings } from "./service-entry.ts";
import { toYaml } from "./yaml.ts";

const undoes = "A policy of the config forbids this destination: a manifest would undo the policy.";

/**
 * The suggestion for a violation, or why there is none. DENY for both kinds of list: the first ALLOW policy of a gateway shuts out
 * everything that no policy names. An allow list is denied as what has an SNI (`*`) and none of its values (`notValues`): Istio joins
 * the two by "and" (istio pilot/pkg/security/authz/model). Throws nothing.
 * @param isThroughGateway the call goes through the gateway today
 */
export function enforcement(
  finding: Finding,
  policies: Policies,
  settings: SuggestSettings,
  isThroughGateway: boolean,
): Suggestion | string {
  const { source, destination, names } = finding;
  const gateway = settings.egressGateway;
  if (finding.state === "resolved") return "It is over: there is nothing to do now.";
  if (destination.verdict === "blocked") return `${undoes} The mesh blocks it already: there is nothing to enforce.`;
  if (gateway === undefined) {
    return `${undoes} What enforces it is an AuthorizationPolicy at an egress gateway, and \`suggest.egressGateway\` of the config names none.`;
  }
  if (destination.protocol === "tcp") {
    return `${undoes} A gateway decides by SNI, and raw TCP has none: a NetworkPolicy for the address is what stops it.`;
  }
  const decision = policies.forbids(source, destination, confirmedOf(names));
  const policy = policies.all.find(({ name }) => name === decision?.policy);
  if (decision === null || policy === undefined) return undoes;
  const scope = scopeOf(policies, policy, decision, source.namespace);
  if (typeof scope === "string") return `${undoes} ${scope}`;
  const manifest = manifestOf(gateway, policy, decision, scope);
  return {
    manifest,
    yaml: toYaml(manifest),
    confidence: "medium",
    why: reasons(decision, policy, gateway),
    warnings: warnings(finding, decision, scope.namespaces !== null, gateway, isThroughGateway),
  };
}

/** For whom the object is, in Istio's spelling (null: for all), and what it names. */
interface Scope {
  namespaces: string[] | null;
  values: string[];
}

/** What the gateway knows of a caller is its namespace and its service account: of that the object has to be made, or of nothing. */
function scopeOf(policies: Policies, policy: Policy, { list }: Decision, namespace: string): Scope | string {
  const isByNamespace = ({ from }: Policy) =>
    (from?.workload ?? "*") === "*" && Object.keys(from?.label ?? {}).length === 0;
  const patterns = list === "deny" ? (policy.deny ?? []) : [];
  const listing = list === "allow" ? policies.all.filter((one) => one.allow !== undefined) : [];
  if (![policy, ...listing].every(isByNamespace)) {
    return "A gateway tells callers by namespace and service account, not by workload and label as policies with a list here do: what enforces it is an AuthorizationPolicy with the principals, by hand.";
  }
  const isAlone = list === "deny" || listing.length === 1;
  const glob = isAlone ? (policy.from?.namespace ?? "*") : namespace;
  const namespaces = glob === "*" ? null : istioGlob.test(glob) ? [glob] : undefined;
  if (namespaces === undefined) {
    return `Istio has no pattern for the namespaces ${printable(glob)}: one star, at the beginning or at the end, is all it takes.`;
  }
  const here = isAlone
    ? listing
    : policies.all.filter((one) => policies.isFor(one, namespace) && one.allow !== undefined);
  const values = [...patterns, ...here.flatMap((one) => one.allow ?? [])].map(parsePattern);
  return { namespaces, values: [...new Set(values.flatMap((one) => ("fault" in one ? [] : [writtenOf(one)])))] };
}

/** Exact, `prefix*` or `*suffix` (istio pilot/pkg/security/authz/matcher/string.go), of what namespaces are made of. */
const istioGlob = /^(?=.*[a-z0-9])\*?[a-z0-9-]+$|^[a-z0-9-]+\*$/;
const writtenOf = ({ written }: Pattern): string => written;

function manifestOf(
  gateway: EgressGateway,
  policy: Policy,
  { list }: Decision,
  { namespaces, values }: Scope,
): Manifest {
  const key = "connection.sni";
  // Without any value to be spared, every SNI is meant.
  const what = list === "deny" ? { values } : { values: ["*"], ...(values.length === 0 ? {} : { notValues: values }) };
  const from = namespaces === null ? {} : { from: [{ source: { namespaces } }] };
  return {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: {
      name: nameOf(policy, list ?? "deny", namespaces),
      namespace: gateway.namespace,
      labels: { "app.kubernetes.io/created-by": "egress-scout" },
      annotations: { "egress-scout/policy": printable(policy.name, 200).slice(1, -1) },
    },
    spec: {
      selector: { matchLabels: gateway.selector },
      action: "DENY",
      rules: [{ ...from, when: [{ key, ...what }] }],
    },
  };
}

/** A DNS-1123 label of the policy, its list and whom it is for: the same in every run, so that `kubectl apply` finds the same object. */
function nameOf({ name }: Policy, list: string, namespaces: readonly string[] | null): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([name, list, namespaces]))
    .digest("hex")
    .slice(0, 8);
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-+|-+$/g, "");
  return ["egress", slug, list, hash].filter((part) => part !== "").join("-");
}
