import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { originOfFile, originOfUrl } from "../../../lib/enrich/ranges/list.ts";
import { parseList } from "../../../lib/enrich/ranges/parse.ts";
import { writePrefix } from "../../../lib/enrich/ranges/prefix.ts";
import { rangesOf } from "../../../lib/enrich/ranges/range-list.ts";
import * as samples from "./samples.ts";

/** A list in a file of that name: provider, date, and `prefix service region` of each range, those of IPv4 first. */
function parse(text: unknown, file = "list.json") {
  const { list, warning } = parseList(
    typeof text === "string" ? text : JSON.stringify(text),
    originOfFile(`/lists/${file}`),
  );
  return {
    provider: list?.provider,
    made: list?.made == null ? null : new Date(list.made).toISOString(),
    ranges:
      list &&
      rangesOf(list).map(({ prefix, service, region }) =>
        [writePrefix(prefix), service ?? "-", region ?? "-"].join(" | "),
      ),
    warning,
  };
}

describe("each provider's format is told by its content", () => {
  test("AWS: AMAZON is no service, GLOBAL no region", () => {
    expect(parse(samples.aws)).toEqual({
      provider: "AWS",
      made: "2026-08-06T07:06:40.000Z",
      ranges: [
        "52.94.0.0/22 | - | eu-west-1",
        "203.0.113.0/24 | - | eu-west-1",
        "203.0.113.0/24 | S3 | eu-west-1",
        "203.0.113.0/24 | EC2 | eu-west-1",
        "198.51.100.0/25 | CLOUDFRONT | -",
        "2001:db8:a000::/36 | EC2 | us-east-1",
      ],
      warning: null,
    });
  });

  test("Google Cloud, dated by its token: the time beside it has no zone and is not UTC", () => {
    expect(parse(samples.googleCloud)).toEqual({
      provider: "Google Cloud",
      made: "2026-08-06T08:06:40.000Z",
      ranges: ["198.51.100.0/24 | - | europe-west1", "2001:db8:c000::/44 | - | -"],
      warning: null,
    });
    const { syncToken: _, ...undated } = samples.googleCloud;
    expect(parse(undated).made).toBe("2026-08-06T01:06:40.000Z");
  });

  test("Google's own list says nothing of itself but in its name; others publish in its format too", () => {
    expect(parse(samples.google, "goog.json").provider).toBe("Google");
    const { prefixes } = samples.google;
    expect(parse({ creationTime: "2026-08-06T00:00:00", prefixes }, "gptbot.json").provider).toBe("gptbot");
    const origin = originOfUrl("https://www.gstatic.com/ipranges/goog.json");
    expect(parseList(JSON.stringify(samples.google), origin).list?.provider).toBe("Google");
  });

  test("Azure: a region is cut off the tag, AzureCloud is no service, the date is in the file's name", () => {
    expect(parse(samples.azure, "ServiceTags_Public_20260817.json")).toEqual({
      provider: "Azure",
      made: "2026-08-17T00:00:00.000Z",
      ranges: [
        "203.0.113.0/24 | - | westeurope",
        "203.0.113.0/24 | - | -",
        "203.0.113.64/26 | Sql | -",
        "203.0.113.128/26 | Sql | -",
        "203.0.113.64/26 | Sql | westeurope",
        "192.0.2.0/25 | AzureFrontDoor.Frontend | -",
        "2001:db8:d000::/48 | - | westeurope",
      ],
      warning: null,
    });
    expect(parse(samples.azure, "azure.json").made).toBeNull();
  });

  test("Oracle: OCI is no service, OSN is one where no other is named", () => {
    expect(parse(samples.oracle)).toEqual({
      provider: "Oracle Cloud",
      made: "2026-05-25T08:40:08.000Z",
      ranges: [
        "192.0.2.0/25 | - | eu-frankfurt-1",
        "192.0.2.128/26 | OSN | eu-frankfurt-1",
        "192.0.2.192/26 | OBJECT_STORAGE | eu-frankfurt-1",
        "2001:db8:e000::/36 | - | eu-frankfurt-1",
      ],
      warning: null,
    });
  });

  test("Cloudflare: lines, by the file's name or the URL, or JSON", () => {
    const ranges = ["203.0.113.0/24 | - | -", "198.51.100.0/24 | - | -"];
    const lines = { provider: "Cloudflare", made: null, ranges, warning: null };
    expect(parse(samples.cloudflareText, "cloudflare-ips-v4.txt")).toEqual(lines);
    const origin = originOfUrl("https://www.cloudflare.com/ips-v4");
    expect(parseList(samples.cloudflareText, origin).list?.provider).toBe("Cloudflare");
    expect(parse(samples.cloudflareApi)).toMatchObject({
      provider: "Cloudflare",
      ranges: ["203.0.113.0/24 | - | -", "2001:db8::/32 | - | -"],
    });
  });

  test("Fastly", () => {
    const ranges = ["192.0.2.0/24 | - | -", "2001:db8:f000::/40 | - | -"];
    expect(parse(samples.fastly)).toEqual({ provider: "Fastly", made: null, ranges, warning: null });
  });

  test("GitHub: one prefix is many services', of which three are named; keys and domains are no ranges", () => {
    expect(parse(samples.github)).toEqual({
      provider: "GitHub",
      made: null,
      ranges: [
        "192.0.2.0/24 | api, git, hooks and 1 more | -",
        "198.51.100.7/32 | web | -",
        "203.0.113.0/24 | actions | -",
        "2001:db8:1::/48 | actions | -",
      ],
      warning: null,
    });
  });

  test("Datadog: `global` is no service, a location is a region", () => {
    expect(parse(samples.datadog)).toEqual({
      provider: "Datadog",
      made: "2026-07-14T00:00:00.000Z",
      ranges: [
        "192.0.2.0/25 | agents, logs | -",
        "192.0.2.128/25 | - | -",
        "203.0.113.9/32 | synthetics | aws:eu-central-1",
        "2001:db8:2::/48 | agents | -",
      ],
      warning: null,
    });
  });

  test("Atlassian: several regions are none", () => {
    expect(parse(samples.atlassian)).toEqual({
      provider: "Atlassian",
      made: "2026-08-06T07:06:40.000Z",
      ranges: [
        "198.51.100.0/24 | confluence, jira | eu-west-1",
        "203.0.113.0/24 | bitbucket, confluence, jira and 1 more | -",
        "192.0.2.0/24 | email | -",
      ],
      warning: null,
    });
  });

  test("Microsoft 365", () => {
    expect(parse(samples.microsoft365)).toEqual({
      provider: "Microsoft 365",
      made: null,
      ranges: [
        "192.0.2.0/31 | Exchange Online | -",
        "203.0.113.0/24 | Microsoft 365 Common and Office Online | -",
        "2001:db8:3::/48 | Exchange Online | -",
      ],
      warning: null,
    });
  });

  test("lines with comments, alone or behind a prefix, and addresses without a length", () => {
    const text = "\uFEFF# our own\r\n\r\n203.0.113.0/24 # one\r\n  198.51.100.7\r\n2001:db8::/32";
    expect(parse(text, "zscaler.txt")).toEqual({
      provider: "zscaler",
      made: null,
      ranges: ["203.0.113.0/24 | - | -", "198.51.100.7/32 | - | -", "2001:db8::/32 | - | -"],
      warning: null,
    });
    expect(parseList(text, originOfUrl("https://www.stripe.example/files/ips.txt")).list?.provider).toBe(
      "stripe.example",
    );
  });

  test("a geofeed", () => {
    const text = "# prefix,country,region,city,postal\n203.0.113.0/24,NL,NL-NH,Amsterdam,1098\n198.51.100.0/24,US,,,\n";
    expect(parse(text, "digitalocean.csv")).toMatchObject({
      provider: "digitalocean",
      ranges: ["203.0.113.0/24 | - | NL-NH", "198.51.100.0/24 | - | US"],
      warning: null,
    });
  });
});

describe("what is wrong costs a row", () => {
  test("and is counted, with its reasons and the first of them", () => {
    const rows = ["0.0.0.0/0", "10.0.0.0/8", "fd00::/8", "203.0.113.0/99", "198.51.100.0/24", 7, null];
    const { ranges, warning } = parse({ addresses: rows, ipv6_addresses: [] }, "fastly.json");
    expect(ranges).toEqual(["198.51.100.0/24 | - | -"]);
    expect(warning).toBe(
      '/lists/fastly.json: 6 of 7 ranges left out (2 wider than any one holder\'s block, 1 private or special addresses, 3 not a prefix; the first is "0.0.0.0/0")',
    );
  });

  test("rows of another shape, in every format", () => {
    const odd = [null, 7, "text", [], {}, { ip_prefix: 4, ipv4Prefix: 4, cidr: 4, ips: [4], name: 4 }];
    const { aws, googleCloud, azure, oracle, atlassian, microsoft365 } = samples;
    for (const mixed of [
      { ...aws, prefixes: [...odd, ...aws.prefixes] },
      { ...googleCloud, prefixes: [...odd, ...googleCloud.prefixes] },
      { ...azure, values: [...odd, ...azure.values] },
      { ...oracle, regions: [...odd, ...oracle.regions] },
      { ...atlassian, items: [...odd, ...atlassian.items] },
      [...odd, ...microsoft365],
    ]) {
      const { ranges } = parse(mixed);
      expect(ranges?.length, JSON.stringify(mixed).slice(0, 80)).toBeGreaterThan(1);
    }
  });

  test("hostile texts become printable, and short", () => {
    const service = '\u001b[2J<!channel>\n"`x\\';
    const list = { prefixes: [{ ip_prefix: "203.0.113.0/24", service, region: "r".repeat(1e6) }] };
    const { ranges } = parse(list);
    expect(ranges).toEqual([`203.0.113.0/24 | \\u001b[2J\\u003c!channel\\u003e '\\u0060x\\\\ | ${"r".repeat(60)}...`]);
    expect(parse("203.0.113.0/24", `${"é".repeat(300)}\n.txt`).provider).toMatch(/^e{60}\.\.\.$/);
  });

  test("a company's ampersand and accents stay readable", () => {
    const list = { prefixes: [{ ip_prefix: "203.0.113.0/24", service: "Société A&B", region: "x" }] };
    expect(parse(list).ranges).toEqual(["203.0.113.0/24 | Societe A and B | x"]);
  });
});

describe("what is no list costs the list", () => {
  const name = "/lists/list.json";
  test.each([
    ["", "is empty"],
    [" \n", "is empty"],
    ["<!doctype html><title>Sign in</title>", "is HTML or XML, not a list (a login page, or a proxy's?)"],
    [JSON.stringify(samples.aws).slice(0, 300), "is broken JSON (cut off?)"],
    ['{"prefixes":[]}', "is JSON of no format known here, or without ranges"],
    ['{"error":"rate limit"}', "is JSON of no format known here, or without ranges"],
    ["[]", "is JSON of no format known here, or without ranges"],
    ["[".repeat(100_000), "is broken JSON (cut off?)"],
    ['{"addresses":[],"ipv6_addresses":[]}', "holds no ranges"],
    [
      "# Lists\nThis folder holds lists, such as\n203.0.113.0/24\n",
      "is no list: half of its lines or more are no prefixes",
    ],
    ['1.0.0.0,1.0.0.255,13335,"Cloudflare, Inc."\n', "is no list: half of its lines or more are no prefixes"],
    ["# nothing yet\n", "is no list: half of its lines or more are no prefixes"],
  ])("%j", (text, why) => {
    expect(parse(text)).toMatchObject({ provider: undefined, warning: `${name}: ${why}` });
  });

  test("one whose every row is refused", () => {
    expect(parse("10.0.0.0/8\n192.168.0.0/16\n")).toMatchObject({
      provider: undefined,
      warning: `${name}: 2 of 2 ranges left out (2 private or special addresses; the first is "10.0.0.0/8")`,
    });
  });

  test("never throws, and whatever it gives is printable", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc
        .tuple(fc.constantFrom(...Object.values(samples)), fc.nat(400), fc.string({ unit: "binary", maxLength: 4 }))
        .map(([sample, at, put]) => {
          const text = JSON.stringify(sample);
          return text.slice(0, at) + put + text.slice(at + put.length);
        }),
    );
    fc.assert(
      fc.property(texts, fc.string({ unit: "binary" }), (text, file) => {
        const { list, warning } = parseList(text, originOfFile(file));
        for (const { service, region } of list?.labels ?? []) expect(`${service}${region}`).toMatch(/^[ -~]*$/);
        expect(`${list?.provider}${warning}`).toMatch(/^[ -~]*$/);
      }),
      { numRuns: 3000 },
    );
  });
});

test("an origin's name tells no secret of a URL", () => {
  const { name, hint, provider } = originOfUrl("https://user:hunter2@lists.example.com/a/b?token=hunter2#hunter2");
  expect(name).toBe("https://lists.example.com/a/b");
  expect(hint).toBe("lists.example.com/a/b");
  expect(provider).toBe("lists.example.com");
});
