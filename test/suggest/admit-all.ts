/**
 * Would a cluster take these objects? ServiceEntries by test/admission; of the other kinds the fields that we write, as Istio's own
 * validation has them (pkg/config/validation: validateServer, validateTLSRoute, validateSubset, security.ValidateAuthorizationPolicy),
 * and that they fit together: each name that one object calls another by is there.
 */
import * as z from "zod";
import type { Manifest, Suggestion } from "../../lib/model.ts";
import { admit, type Problem } from "../admission/admit.ts";
import { objects } from "./make.ts";

const label = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const host = z.string().regex(/^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]*[a-z0-9])?$/);
const number = z.int().min(1).max(65535);
const port = z.strictObject({ number });
const labels = z.record(z.string().min(1), z.string().max(63));
const destination = z.strictObject({ host, subset: label.optional(), port });
const route = z.tuple([z.strictObject({ destination })]);
const layer4 = z.strictObject({ gateways: z.array(z.string().min(1)).min(1), port: number });
const scopes = z.array(z.union([z.literal("."), z.literal("*"), label])).min(1);

const annotation = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const metadata = z.strictObject({
  name: label,
  namespace: label,
  labels,
  annotations: z.record(z.string().regex(annotation), z.string().max(4096)),
});

const object = (apiVersion: string, kind: string, spec: z.ZodType) =>
  z.strictObject({ apiVersion: z.literal(apiVersion), kind: z.literal(kind), metadata, spec });
/** Istio takes one star, at either end (security.ValidateAuthorizationPolicy, matcher/string.go); capitals would never match. */
const snis = z.array(z.string().regex(/^(\*|\*?[a-z0-9_.-]+|[a-z0-9_.-]+\*)$/)).min(1);
const namespaceName = z.string().regex(/^(\*?[a-z0-9-]+|[a-z0-9-]+\*)$/);
const source = z.union([
  z.strictObject({ notNamespaces: z.array(label).min(1) }),
  z.strictObject({ namespaces: z.array(namespaceName).min(1) }),
]);
const networking = "networking.istio.io/v1";

const kinds: Record<string, z.ZodType> = {
  Gateway: object(
    networking,
    "Gateway",
    z.strictObject({
      selector: labels,
      servers: z
        .array(
          z.strictObject({
            port: z.strictObject({ number, name: label, protocol: z.enum(["HTTPS", "TLS"]) }),
            hosts: z.array(host).min(1),
            tls: z.strictObject({ mode: z.enum(["ISTIO_MUTUAL", "PASSTHROUGH"]) }),
          }),
        )
        .min(1),
    }),
  ),
  VirtualService: object(
    networking,
    "VirtualService",
    z.strictObject({
      hosts: z.array(host).min(1),
      gateways: z.array(z.string().min(1)).min(1),
      exportTo: scopes,
      http: z.array(z.strictObject({ match: z.tuple([layer4]), route })).optional(),
      tls: z
        .array(z.strictObject({ match: z.tuple([layer4.extend({ sniHosts: z.array(host).min(1) })]), route }))
        .optional(),
      tcp: z.array(z.strictObject({ match: z.tuple([layer4]), route })).optional(),
    }),
  ),
  DestinationRule: object(
    networking,
    "DestinationRule",
    z
      .strictObject({
        host,
        exportTo: scopes.optional(),
        trafficPolicy: z.strictObject({ portLevelSettings: z.array(portSetting("SIMPLE")).min(1) }).optional(),
        subsets: z
          .array(
            z.strictObject({
              name: label,
              trafficPolicy: z.strictObject({ portLevelSettings: z.array(portSetting("ISTIO_MUTUAL")).min(1) }),
            }),
          )
          .optional(),
      })
      .refine((spec) => spec.subsets !== undefined || spec.trafficPolicy !== undefined),
  ),
  AuthorizationPolicy: object(
    "security.istio.io/v1",
    "AuthorizationPolicy",
    z.strictObject({
      selector: z.strictObject({ matchLabels: labels }),
      action: z.literal("DENY"),
      rules: z.tuple([
        z.strictObject({
          from: z.tuple([z.strictObject({ source })]).optional(),
          when: z.tuple([
            z.strictObject({ key: z.literal("connection.sni"), values: snis, notValues: snis.optional() }),
          ]),
        }),
      ]),
    }),
  ),
};

function portSetting(mode: "SIMPLE" | "ISTIO_MUTUAL") {
  return z.strictObject({ port, tls: z.strictObject({ mode: z.literal(mode), sni: host }) });
}

/** All that is wrong; empty where a cluster takes every object without a word. */
export function admitAll(manifest: Suggestion["manifest"]): Problem[] {
  const all = objects(manifest);
  const identities = all.map((one) => `${one.kind} ${one.metadata.namespace}/${one.metadata.name}`);
  const problem = (message: string): Problem => ({ level: "error", rule: "kind", message });
  return [
    ...all.flatMap((one) => (one.kind === "ServiceEntry" ? admit(one) : ofKind(one).map(problem))),
    ...(new Set(identities).size < all.length ? [problem("one object twice")] : []),
    ...("items" in manifest ? dangling(all).map(problem) : []),
  ];
}

function ofKind(one: Manifest): string[] {
  const kind = kinds[one.kind];
  if (kind === undefined) return [`unknown kind ${one.kind}`];
  const read = kind.safeParse(one);
  return read.success ? [] : [z.prettifyError(read.error)];
}

/** Hosts, subsets and gateways that are called and not there; the gateway's own Service is the cluster's. */
function dangling(all: readonly Manifest[]): string[] {
  const text = JSON.stringify(all);
  const named = (kind: string) => all.filter((one) => one.kind === kind);
  const hosts = named("ServiceEntry").flatMap((one) => one.spec.hosts as string[]);
  const subsets = named("DestinationRule").flatMap((one) => (one.spec.subsets as { name: string }[] | undefined) ?? []);
  const called = [...text.matchAll(/"destination":\{"host":"([^"]+)"(?:,"subset":"([^"]+)")?/g)];
  const gateways = [...text.matchAll(/"gateways":\[([^\]]*)\]/g)].flatMap(
    ([, list = ""]) => JSON.parse(`[${list}]`) as string[],
  );
  return [
    ...called.flatMap(([, to = "", subset]) => {
      if (subset !== undefined) return subsets.some(({ name }) => name === subset) ? [] : [`no subset ${subset}`];
      return hosts.includes(to) ? [] : [`no ServiceEntry for ${to}`];
    }),
    ...gateways.filter((one) => one !== "mesh" && !named("Gateway").some(({ metadata: { name } }) => name === one)),
  ];
}
