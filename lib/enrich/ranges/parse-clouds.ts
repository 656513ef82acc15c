/** The lists of AWS, Google, Azure and Oracle as rows. Null: the list is not of that format. Pure. */
import * as z from "zod";
import { field, listField, type Origin, oneRegion, own, plausible, readDate, type Told, textOrNull } from "./list.ts";

const unread = z.unknown().optional();
/** Rows are looked at by hand: one that is wrong must not cost the others, and Azure has 100,000, which z.array() copies. */
const rows = z.custom<unknown[]>(Array.isArray);

const aws = z.object({
  createDate: unread,
  prefixes: rows.default([]),
  ipv6_prefixes: rows.default([]),
});

/** ip-ranges.amazonaws.com/ip-ranges.json. Service AMAZON is all that Amazon has: no service. */
export function readAws(value: unknown): Told | null {
  const { data } = aws.safeParse(value);
  if (data === undefined) return null;
  const all = [...data.prefixes, ...data.ipv6_prefixes];
  const cidr = (row: unknown) => field(row, "ip_prefix") ?? field(row, "ipv6_prefix");
  if (!all.some((row) => cidr(row) !== null)) return null;
  return {
    provider: "AWS",
    made: readDate(data.createDate),
    eachRow(take) {
      for (const row of all) {
        const service = field(row, "service");
        take(cidr(row), service === "AMAZON" ? null : service, oneRegion(field(row, "region")));
      }
    },
  };
}

const google = z.object({ syncToken: unread, creationTime: unread, prefixes: rows });

/**
 * gstatic.com/ipranges: cloud.json says "Google Cloud" in each row, goog.json says nothing. Others (crawlers) publish in the same
 * format: theirs it is then. The creation time has no zone and is California's, the token is the same moment in ms.
 */
export function readGoogle(value: unknown, origin: Origin): Told | null {
  const { data } = google.safeParse(value);
  if (data === undefined) return null;
  const { syncToken, creationTime, prefixes } = data;
  const cidr = (row: unknown) => field(row, "ipv4Prefix") ?? field(row, "ipv6Prefix");
  if (!prefixes.some((row) => cidr(row) !== null)) return null;
  const isCloud = prefixes.some((row) => field(row, "service") === "Google Cloud");
  const provider = isCloud ? "Google Cloud" : /goog|gstatic/i.test(origin.hint) ? "Google" : origin.provider;
  return {
    provider,
    made: plausible(Number(syncToken)) ?? readDate(creationTime),
    eachRow(take) {
      for (const row of prefixes) {
        const service = field(row, "service");
        take(cidr(row), service === provider ? null : service, oneRegion(field(row, "scope")));
      }
    },
  };
}

const azure = z.object({ values: rows });

/**
 * ServiceTags_Public_20261116.json. `Sql.WestEurope` is service Sql in region westeurope; the tag AzureCloud is all that Azure has.
 * The list bears no date but in its file's name.
 */
export function readAzure(value: unknown, origin: Origin): Told | null {
  const { data } = azure.safeParse(value);
  if (data === undefined) return null;
  const tags = data.values.map(azureTag);
  if (tags.every((one) => one === null)) return null;
  const [, year, month, day] = /(20\d\d)(\d\d)(\d\d)/.exec(origin.hint) ?? [];
  return {
    provider: "Azure",
    made: readDate(`${year}-${month}-${day}`),
    eachRow(take) {
      for (const one of tags) {
        if (one === null) take(null, null, null);
        else for (const cidr of one.cidrs) take(textOrNull(cidr), one.service, one.region);
      }
    },
  };
}

/** One of 3,000. `AzureFrontDoor.Frontend` has a dot as well, and no region. */
function azureTag(tag: unknown): { cidrs: unknown[]; service: string | null; region: string | null } | null {
  const name = own(tag, "name");
  const properties = own(tag, "properties");
  const cidrs = own(properties, "addressPrefixes");
  if (typeof name !== "string" || !Array.isArray(cidrs)) return null;
  const region = field(properties, "region");
  const dot = name.lastIndexOf(".");
  const isRegional = region !== null && name.slice(dot + 1).toLowerCase() === region.toLowerCase();
  const service = isRegional && dot > 0 ? name.slice(0, dot) : name;
  return { cidrs, service: /^AzureCloud(\.|$)/.test(service) ? null : service, region: oneRegion(region) };
}

const oracle = z.object({ last_updated_timestamp: unread, regions: rows });

/** docs.oracle.com/…/public_ip_ranges.json. Tag OCI: customers' addresses, so no service. OSN: Oracle's own, of which one may be named. */
export function readOracle(value: unknown): Told | null {
  const { data } = oracle.safeParse(value);
  if (data === undefined) return null;
  const blocks = (region: unknown) => [...listField(region, "cidrs"), ...listField(region, "ipv6_cidrs")];
  if (!data.regions.some((region) => blocks(region).length > 0)) return null;
  return {
    provider: "Oracle Cloud",
    made: readDate(data.last_updated_timestamp),
    eachRow(take) {
      for (const region of data.regions) {
        for (const block of blocks(region)) {
          take(field(block, "cidr"), oracleService(listField(block, "tags")), oneRegion(field(region, "region")));
        }
      }
    },
  };
}

function oracleService(tags: readonly unknown[]): string | null {
  const named = tags.filter((one) => typeof one === "string" && one !== "OCI" && one !== "OSN").sort();
  return named.length > 0 ? named.join(", ") : tags.includes("OSN") ? "OSN" : null;
}
