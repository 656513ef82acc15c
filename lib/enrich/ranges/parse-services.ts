/** The lists of Cloudflare, Fastly, GitHub, Datadog, Atlassian and Microsoft 365 as rows. Null: the list is not of that format. Pure. */
import * as z from "zod";
import { field, listField, oneRegion, readDate, type Told, textOrNull } from "./list.ts";

const rows = z.custom<unknown[]>(Array.isArray);
const keyed = z.looseObject({});

/** These lists are short, and most rows need the others. */
interface Row {
  cidr: string | null;
  service: string | null;
  region: string | null;
}

const tell = (provider: string, made: number | null, all: readonly Row[]): Told => ({
  provider,
  made,
  eachRow(take) {
    for (const { cidr, service, region } of all) take(cidr, service, region);
  },
});

const bare = (cidr: unknown): Row => ({ cidr: textOrNull(cidr), service: null, region: null });

const cloudflare = z.object({ result: z.object({ ipv4_cidrs: rows, ipv6_cidrs: rows }) });

/** api.cloudflare.com/client/v4/ips; the lists of bare lines are parse-text.ts'. */
export function readCloudflare(value: unknown): Told | null {
  const { data } = cloudflare.safeParse(value);
  if (data === undefined) return null;
  const { ipv4_cidrs, ipv6_cidrs } = data.result;
  return tell("Cloudflare", null, [...ipv4_cidrs, ...ipv6_cidrs].map(bare));
}

const fastly = z.object({ addresses: rows, ipv6_addresses: rows });

/** api.fastly.com/public-ip-list */
export function readFastly(value: unknown): Told | null {
  const { data } = fastly.safeParse(value);
  if (data === undefined) return null;
  return tell("Fastly", null, [...data.addresses, ...data.ipv6_addresses].map(bare));
}

const github = z.looseObject({ verifiable_password_authentication: z.boolean(), git: rows });

/** api.github.com/meta: addresses by what they do, and keys and domain names beside them. */
export function readGithub(value: unknown): Told | null {
  const { data } = github.safeParse(value);
  if (data === undefined) return null;
  const told = Object.keys(data).flatMap((key) => {
    const texts = listField(data, key);
    const isAddresses = /^[\da-f.:]+(\/\d+)?$/i.test(textOrNull(texts[0]) ?? "");
    return isAddresses ? texts.map((cidr): Row => ({ cidr: textOrNull(cidr), service: key, region: null })) : [];
  });
  return tell("GitHub", null, together(told));
}

const datadog = z.looseObject({ version: z.number(), modified: z.string() });

/** ip-ranges.datadoghq.com: by product, of which `global` is all of them; some by location as well. */
export function readDatadog(value: unknown): Told | null {
  const { data } = datadog.safeParse(value);
  if (data === undefined) return null;
  const told = Object.entries(data).flatMap(([key, section]) => datadogSection(key === "global" ? null : key, section));
  return told.length === 0 ? null : tell("Datadog", readDate(data.modified), together(told));
}

function datadogSection(service: string | null, section: unknown): Row[] {
  const families = ["prefixes_ipv4", "prefixes_ipv6"];
  const all = families.flatMap((key) => listField(section, key));
  const located = families.flatMap((key) => {
    const { data } = z.looseObject({ [`${key}_by_location`]: keyed }).safeParse(section);
    return Object.entries(data?.[`${key}_by_location`] ?? {});
  });
  return [
    ...all.map((cidr): Row => ({ cidr: textOrNull(cidr), service, region: null })),
    ...located.flatMap(([region, cidrs]) =>
      (Array.isArray(cidrs) ? cidrs : []).map((cidr): Row => ({ cidr: textOrNull(cidr), service, region })),
    ),
  ];
}

const atlassian = z.object({ creationDate: z.unknown().optional(), items: rows });

/** ip-ranges.atlassian.com */
export function readAtlassian(value: unknown): Told | null {
  const { data } = atlassian.safeParse(value);
  if (data === undefined || !data.items.some((row) => field(row, "cidr") !== null)) return null;
  const told = data.items.flatMap((row): Row[] => {
    const regions = listField(row, "region");
    const region = regions.length === 1 ? oneRegion(textOrNull(regions[0])) : null;
    const products = listField(row, "product").filter((one) => typeof one === "string");
    const cidr = field(row, "cidr");
    return products.length === 0
      ? [{ cidr, service: null, region }]
      : products.map((service) => ({ cidr, service, region }));
  });
  return tell("Atlassian", readDate(data.creationDate), together(told));
}

/** endpoints.office.com/endpoints/worldwide: many rows hold names only. */
export function readMicrosoft365(value: unknown): Told | null {
  const { data } = rows.safeParse(value);
  if (data === undefined || !data.some((row) => field(row, "serviceArea") !== null)) return null;
  const told = data.flatMap((row) => {
    const service = field(row, "serviceAreaDisplayName") ?? field(row, "serviceArea");
    return listField(row, "ips").map((cidr): Row => ({ cidr: textOrNull(cidr), service, region: null }));
  });
  return tell("Microsoft 365", null, together(told));
}

/**
 * One row for each prefix: these lists name the same one under every product that answers there, and picking one of them would be a
 * guess. At most three are named.
 */
function together(told: readonly Row[]): Row[] {
  const byPrefix = new Map<string, { services: Set<string>; regions: Set<string> }>();
  const wrong = told.filter(({ cidr }) => cidr === null);
  for (const { cidr, service, region } of told) {
    if (cidr === null) continue;
    const one = byPrefix.get(cidr) ?? { services: new Set(), regions: new Set() };
    byPrefix.set(cidr, one);
    if (service !== null) one.services.add(service);
    if (region !== null) one.regions.add(region);
  }
  const joined = [...byPrefix].map(([cidr, { services, regions }]): Row => {
    const [region, other] = regions;
    return { cidr, service: enumerate([...services].sort()), region: other === undefined ? (region ?? null) : null };
  });
  return [...joined, ...wrong];
}

function enumerate(services: readonly string[]): string | null {
  if (services.length === 0) return null;
  const rest = services.length - 3;
  return `${services.slice(0, 3).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
