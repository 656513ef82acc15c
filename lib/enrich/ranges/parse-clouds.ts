/** The lists of AWS, Google, Azure and Oracle as rows. Null: the list is not of that format. Pure. */
import * as z from "zod";
import {
  field,
  listField,
  type Origin,
  oneRegion,
  plausible,
  type Row,
  readDate,
  type Told,
  textOrNull,
} from "./list.ts";

const unread = z.unknown().optional();
/** Rows are looked at by hand: one that is wrong must not cost the others, and Azure has 100,000. */
const rows = z.array(z.unknown());

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
  const told = all.map((row): Row => {
    const service = field(row, "service");
    return {
      cidr: cidr(row),
      service: service === "AMAZON" ? null : service,
      region: oneRegion(field(row, "region")),
    };
  });
  return { provider: "AWS", made: readDate(data.createDate), rows: told };
}

const google = z.object({ syncToken: unread, creationTime: unread, prefixes: rows });

/**
 * gstatic.com/ipranges: cloud.json says "Google Cloud" in each row, goog.json says nothing. Others (crawlers) publish in the same
 * format: theirs it is then. The creation time has no zone and is California's, the token is the same moment in ms.
 */
export function readGoogle(value: unknown, origin: Origin): Told | null {
  const { data } = google.safeParse(value);
  if (data === undefined) return null;
  const cidr = (row: unknown) => field(row, "ipv4Prefix") ?? field(row, "ipv6Prefix");
  if (!data.prefixes.some((row) => cidr(row) !== null)) return null;
  const isCloud = data.prefixes.some((row) => field(row, "service") === "Google Cloud");
  const provider = isCloud ? "Google Cloud" : /goog|gstatic/i.test(origin.hint) ? "Google" : origin.provider;
  const told = data.prefixes.map((row): Row => {
    const service = field(row, "service");
    return { cidr: cidr(row), service: service === provider ? null : service, region: oneRegion(field(row, "scope")) };
  });
  return { provider, made: plausible(Number(data.syncToken)) ?? readDate(data.creationTime), rows: told };
}

const azure = z.object({ values: rows });
const tag = z.object({
  name: z.string(),
  properties: z.object({ region: z.string().catch(""), addressPrefixes: rows }),
});

/**
 * ServiceTags_Public_20261116.json. `Sql.WestEurope` is service Sql in region westeurope; the tag AzureCloud is all that Azure has.
 * The list bears no date but in its file's name.
 */
export function readAzure(value: unknown, origin: Origin): Told | null {
  const { data } = azure.safeParse(value);
  if (data === undefined) return null;
  const tags = data.values.map((one) => tag.safeParse(one).data);
  if (tags.every((one) => one === undefined)) return null;
  const told = tags.flatMap((one): Row[] => {
    if (one === undefined) return [{ cidr: null, service: null, region: null }];
    const { service, region } = azureTag(one.name, one.properties.region);
    return one.properties.addressPrefixes.map((cidr) => ({ cidr: textOrNull(cidr), service, region }));
  });
  const [, year, month, day] = /(20\d\d)(\d\d)(\d\d)/.exec(origin.hint) ?? [];
  return { provider: "Azure", made: readDate(`${year}-${month}-${day}`), rows: told };
}

/** `AzureFrontDoor.Frontend` has a dot as well, and no region. */
function azureTag(name: string, region: string): Omit<Row, "cidr"> {
  const dot = name.lastIndexOf(".");
  const isRegional = region !== "" && name.slice(dot + 1).toLowerCase() === region.toLowerCase();
  const service = isRegional && dot > 0 ? name.slice(0, dot) : name;
  return {
    service: /^AzureCloud(\.|$)/.test(service) ? null : service,
    region: oneRegion(region === "" ? null : region),
  };
}

const oracle = z.object({ last_updated_timestamp: unread, regions: rows });

/** docs.oracle.com/…/public_ip_ranges.json. Tag OCI: customers' addresses, so no service. OSN: Oracle's own, of which one may be named. */
export function readOracle(value: unknown): Told | null {
  const { data } = oracle.safeParse(value);
  if (data === undefined) return null;
  const blocks = (region: unknown) => [...listField(region, "cidrs"), ...listField(region, "ipv6_cidrs")];
  if (!data.regions.some((region) => blocks(region).length > 0)) return null;
  const told = data.regions.flatMap((region) =>
    blocks(region).map((block): Row => {
      const tags = listField(block, "tags").filter((one) => typeof one === "string");
      const named = tags.filter((one) => one !== "OCI" && one !== "OSN").sort();
      const service = named.length > 0 ? named.join(", ") : tags.includes("OSN") ? "OSN" : null;
      return { cidr: field(block, "cidr"), service, region: oneRegion(field(region, "region")) };
    }),
  );
  return { provider: "Oracle Cloud", made: readDate(data.last_updated_timestamp), rows: told };
}
