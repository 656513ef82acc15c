/** What in a config refers to something that is not there, or to two at once. Reads leniently, so that it also works on a file with other mistakes. */
import * as z from "zod";

const names = z.array(z.string()).catch([]);
const channels = z.object({ channels: names.default([]) }).catch({ channels: [] });
const nameless = { name: "", allow: undefined, deny: undefined };
const policy = z
  .object({ name: z.string().catch(""), allow: z.unknown(), deny: z.unknown() })
  .partial({ allow: true, deny: true })
  .catch(nameless);
const lenient = z
  .object({
    clusters: z.array(z.object({ name: z.string().catch("") }).catch({ name: "" })).catch([]),
    owners: z.array(channels).catch([]),
    teams: z.record(z.string(), channels).catch({}),
    channels: z.record(z.string(), z.object({ fallback: z.string().optional() }).catch({})).catch({}),
    routes: z.array(channels).catch([]),
    policies: z.array(policy).catch([]),
  })
  .catch({ clusters: [], owners: [], teams: {}, channels: {}, routes: [], policies: [] });

/** Mistakes as `path: what is wrong`, for a parsed YAML value of any shape. */
export function danglingReferences(value: unknown): string[] {
  const config = lenient.parse(value);
  const known = new Set(Object.keys(config.channels));
  const allowed = known.size === 0 ? "there are none" : `there are ${[...known].sort().join(", ")}`;
  const missing = (list: readonly string[], path: string) =>
    list.flatMap((one, index) => (known.has(one) ? [] : [`${path}.channels[${index}]: no such channel; ${allowed}`]));
  const clusterNames = config.clusters.map((one) => one.name);
  return [
    ...config.owners.flatMap((one, index) => missing(one.channels, `owners[${index}]`)),
    ...Object.entries(config.teams).flatMap(([team, one]) => missing(one.channels, `teams.${team}`)),
    ...config.routes.flatMap((one, index) => missing(one.channels, `routes[${index}]`)),
    ...Object.keys(config.channels).flatMap((one) => nameFaults(one)),
    ...Object.keys(config.channels).flatMap((one) => fallbackFaults(one, config.channels, allowed)),
    ...clusterNames.flatMap((one, index) =>
      one !== "" && clusterNames.indexOf(one) < index ? [`clusters[${index}].name: a second cluster of that name`] : [],
    ),
    ...config.policies.flatMap((one, index) => policyFaults(one, index, config.policies)),
  ];
}

/** The store keeps what channels answered by their names; what is kept beside it has a name with a parenthesis (lib/remember/store.ts). */
const nameFaults = (name: string): string[] =>
  name.startsWith("(") ? [`channels.${JSON.stringify(name)}: a channel's name begins with no parenthesis`] : [];

/** Messages must not go round in circles; each circle is told at the first of its channels. */
function fallbackFaults(
  name: string,
  all: Readonly<Record<string, { fallback?: string | undefined }>>,
  allowed: string,
): string[] {
  const of = (one: string) => (Object.hasOwn(all, one) ? all[one]?.fallback : undefined);
  const at = `channels.${/^[\w-]+$/.test(name) ? name : JSON.stringify(name)}.fallback`;
  const fallback = of(name);
  if (fallback === undefined) return [];
  if (!Object.hasOwn(all, fallback)) return [`${at}: no such channel; ${allowed}`];
  const way = [name];
  for (let next = of(name); next !== undefined && !way.includes(next); next = of(next)) way.push(next);
  const isLoop = of(way.at(-1) ?? "") === name;
  const isFirst = Object.keys(all).find((one) => way.includes(one)) === name;
  return isLoop && isFirst ? [`${at}: a loop: ${[...way, name].join(", ")}`] : [];
}

/** A decision is told by its policy's name; and a policy without a list would decide nothing. */
function policyFaults(one: z.infer<typeof policy>, index: number, all: readonly z.infer<typeof policy>[]): string[] {
  const at = `policies[${index}]`;
  const isSecond = one.name !== "" && all.findIndex(({ name }) => name === one.name) < index;
  return [
    ...(isSecond ? [`${at}.name: a second policy of that name`] : []),
    ...(one !== nameless && one.allow === undefined && one.deny === undefined
      ? [`${at}: neither allow nor deny: it would decide nothing`]
      : []),
  ];
}
