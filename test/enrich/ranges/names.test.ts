import { describe, expect, test } from "vitest";
import { asnIndex } from "../../../lib/enrich/ranges/asn-index.ts";
import { asnReader } from "../../../lib/enrich/ranges/asn-parse.ts";
import { networkNames } from "../../../lib/enrich/ranges/names.ts";
import type { Prefix } from "../../../lib/enrich/ranges/prefix.ts";
import { rangeIndex } from "../../../lib/enrich/ranges/range-index.ts";
import { listOf, prefixOf } from "./listed.ts";

const now = Date.UTC(2026, 10, 22, 12);
function list(
  provider: string,
  made: number | null,
  ...rows: [prefix: string, service: string | null, region: string | null][]
) {
  const ranges = rows.map(([text, service, region]) => ({ prefix: prefixOf(text) as Prefix, service, region }));
  return listOf(provider, made, ranges);
}

const table = asnReader();
table.push(
  '52.94.0.0,52.94.255.255,16509,"Amazon.com, Inc."\n203.0.113.0,203.0.113.255,64500,\n10.0.0.0,10.255.255.255,64501,Ours\n',
);
const asns = asnIndex([table.done()]);

const ranges = rangeIndex([
  list("AWS", Date.UTC(2026, 7, 20), ["52.94.0.0/22", "S3", "eu-west-1"], ["52.94.4.0/22", null, "eu-west-1"]),
  list("Azure", Date.UTC(2026, 10, 22), ["20.0.0.0/16", "Sql", null]),
  list("Google", Date.UTC(2026, 10, 21), ["34.0.0.0/16", null, null]),
  list("Fastly", Date.UTC(2026, 10, 24), ["151.101.0.0/16", null, null]),
  list("zscaler", null, ["165.225.0.0/16", null, null]),
  list("Microsoft 365", Date.UTC(2026, 7, 24, 12), ["13.107.6.0/24", "Microsoft 365 Common", null]),
]);

const names = (address: string) => networkNames(address, { ranges, asns, now });

describe("names of an address by its network", () => {
  test("who has it by their own list, and who announces it; neither more than generic", () => {
    expect(names("52.94.1.7")).toEqual([
      {
        name: "AWS S3 eu-west-1",
        from: "range",
        trust: "generic",
        why: "52.94.0.0/22 is AWS S3 in eu-west-1 by AWS' own list of 2026-08-20 (94 days old, so it may be stale)",
        network: "52.94.0.0/22",
      },
      {
        name: "AS16509 Amazon.com, Inc.",
        from: "asn",
        trust: "generic",
        why: "AS16509 announces the network of 52.94.1.7; an AS names a network, never a service",
      },
    ]);
  });

  test.each([
    [
      "52.94.4.1",
      "AWS eu-west-1",
      "52.94.4.0/22 is AWS in eu-west-1 by AWS' own list of 2026-08-20 (94 days old, so it may be stale)",
    ],
    ["20.0.1.1", "Azure Sql", "20.0.0.0/16 is Azure Sql by Azure's own list of 2026-11-22 (of today)"],
    ["34.0.1.1", "Google", "34.0.0.0/16 is Google by Google's own list of 2026-11-21 (1 day old)"],
    ["151.101.1.1", "Fastly", "151.101.0.0/16 is Fastly by Fastly's own list of 2026-11-24 (a day to come)"],
    ["165.225.1.1", "zscaler", "165.225.0.0/16 is zscaler by zscaler's own list, which bears no date"],
    [
      "13.107.6.1",
      "Microsoft 365 Common",
      "13.107.6.0/24 is Microsoft 365 Common by Microsoft 365's own list of 2026-08-24 (90 days old)",
    ],
  ])("%s", (address, name, why) => {
    expect(names(address)[0]).toEqual({ name, from: "range", trust: "generic", why, network: why.split(" ")[0] });
  });

  test("an AS without a name is its number", () => {
    expect(names("203.0.113.7").map(({ name }) => name)).toEqual(["AS64500"]);
  });

  test.each(["10.0.0.1", "240.240.0.1", "127.0.0.1", "::1", "169.254.169.254", "8.8.8.8", "example.com", ""])(
    "%s has none: not outside, not known, or no address",
    (address) => {
      expect(names(address)).toEqual([]);
    },
  );

  test("without lists there are none", () => {
    expect(networkNames("52.94.1.7", { ranges: null, asns: null, now })).toEqual([]);
  });

  test("an IPv4-mapped address is the IPv4 one", () => {
    expect(names("::ffff:52.94.1.7")).toEqual(names("52.94.1.7"));
  });
});
