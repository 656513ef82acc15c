/** `enrich`, `suggest` and `pullRequests` of the config: names, manifests, and where these are proposed. */
import * as z from "zod";
import { count, duration, httpUrl, name, names, positiveDuration, reviewer, secret } from "./words.ts";

/** Paths and URLs: one, or a list of them. */
export const places = z.union([name, names], { error: "a path or URL, or a list of them" });

export const enrich = z.strictObject({
  dns: z
    .strictObject({
      servers: names.default([]),
      perSecond: count.default(50),
      budget: duration.default("20s"),
      trusted: names.default([]),
    })
    .prefault({}),
  ranges: places.optional(),
  asn: places.optional(),
});

export const suggest = z.strictObject({
  istio: z
    .string()
    .regex(/^1\.\d+$/, { error: 'an Istio version such as "1.30"' })
    .default("1.30"),
  exportTo: z
    .array(
      z.union([
        z.enum([".", "*", "~"]),
        z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, { error: "., *, ~ or a namespace" }),
      ]),
    )
    .min(1)
    .refine((scopes) => scopes.length === 1 || !scopes.some((scope) => scope === "*" || scope === "~"), {
      error: "* or ~ alone, or else . and namespaces: Istio refuses a mix",
    })
    .default(["."]),
  dnsCapture: z.boolean().default(false),
  egressGateway: z
    .strictObject({ namespace: name, selector: z.record(name, z.string()), service: name.optional() })
    .optional(),
});

/** Where `plan --pull-request` goes to, whichever host it is. */
export const proposing = {
  token: secret,
  base: name.optional(),
  folder: z
    .string()
    .regex(/^(?!\.git\/)(?:(?!\.{1,2}(?:\/|$))(?:[\w.-]|\{cluster\})+(?:\/|$))+(?<!\/)$/, {
      error: "a folder of the repository such as egress/{cluster}",
    })
    .default("egress/{cluster}"),
  draft: z.boolean().default(false),
  labels: z.array(z.string().regex(/^[^,\n]+$/, { error: "labels without commas" })).default([]),
  reviewers: z.array(reviewer).default([]),
  timeout: positiveDuration.default("30s"),
};
export const pullRequests = z.union(
  [
    z.strictObject({
      github: z.strictObject({
        ...proposing,
        repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, { error: "OWNER/NAME" }),
        apiUrl: httpUrl.default("https://api.github.com"),
      }),
    }),
    z.strictObject({
      gitlab: z.strictObject({
        ...proposing,
        project: z.string().regex(/^[\w.-]+(\/[\w.-]+)+$/, { error: "GROUP/NAME" }),
        apiUrl: httpUrl.default("https://gitlab.com/api/v4"),
      }),
    }),
  ],
  { error: "one of { github: { repository, token } } or { gitlab: { project, token } }" },
);
