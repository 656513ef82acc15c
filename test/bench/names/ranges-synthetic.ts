/** Lists like the providers' own in number, nesting and format, and none of their data. The same for the same seed. */

/** Mulberry32: enough chance for test data. */
export function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const regions = Array.from({ length: 60 }, (_, index) => `region${index}`);

/** As Azure publishes it: 3,000 tags, most of them regional, many prefixes in several tags; a quarter is IPv6. */
export function serviceTags(count: number, seed = 1): string {
  const below = chance(seed);
  const tags = 3000;
  const values = Array.from({ length: tags }, (_, index) => {
    const region = regions[index % regions.length] ?? "";
    const name = `${index % 50 === 0 ? "AzureCloud" : `Tag${Math.floor(index / 60)}`}.${region}`;
    const addressPrefixes = Array.from({ length: Math.ceil(count / tags) }, () => prefix(below));
    return {
      name,
      id: name,
      properties: { changeNumber: 1, region, platform: "Azure", systemService: "", addressPrefixes },
    };
  });
  return JSON.stringify({ changeNumber: 1, cloud: "Public", values });
}

/** As AWS publishes it: every prefix as AMAZON, and half of them as a service too. */
export function ipRanges(count: number, seed = 2): string {
  const below = chance(seed);
  const prefixes = Array.from({ length: Math.ceil(count / 3) }, (_, index) => {
    const row = { ip_prefix: prefixV4(below), region: regions[below(30)], network_border_group: "x" };
    const twice = { ...row, service: ["EC2", "S3", "CLOUDFRONT"][index % 3] };
    return index % 2 === 0 ? [{ ...row, service: "AMAZON" }, twice] : [{ ...row, service: "AMAZON" }];
  }).flat();
  const ipv6_prefixes = Array.from({ length: count - prefixes.length }, () => ({
    ipv6_prefix: prefixV6(below),
    region: regions[below(30)],
    service: "EC2",
  }));
  return JSON.stringify({ syncToken: "1786000000", createDate: "2026-08-06-07-06-40", prefixes, ipv6_prefixes });
}

/** A table of autonomous systems without gaps but for a quarter, with addresses as such or as numbers. */
export function asnTable(family: 4 | 6, rows: number, isNumeric: boolean, seed = 3): string {
  const below = chance(seed);
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    if (row % 4 === 3) continue;
    const asn = 1 + below(84_000);
    const organization = `"Organization ${asn}, ${asn % 7 === 0 ? 'the ""old"" one' : "Inc."}"`;
    lines.push(`${bounds(family, row, rows, isNumeric)},${asn},${organization}`);
  }
  return `${lines.join("\n")}\n`;
}

function bounds(family: 4 | 6, row: number, rows: number, isNumeric: boolean): string {
  if (family === 4) {
    const size = Math.floor(0xdf00_0000 / rows);
    const start = 0x0100_0000 + row * size;
    const end = start + size - 1;
    return isNumeric ? `${start},${end}` : `${dotted(start)},${dotted(end)}`;
  }
  const start = 0x2003_0000 + row * 64;
  if (!isNumeric) return `${groups(start)}::,${groups(start + 63)}:ffff:ffff:ffff:ffff:ffff:ffff`;
  return `${BigInt(start) << 96n},${((BigInt(start) + 64n) << 96n) - 1n}`;
}

const prefix = (below: (most: number) => number): string => (below(4) === 0 ? prefixV6(below) : prefixV4(below));

/** Nearly all blocks are small, and lie in a few large ones. */
const largeV4 = [12, 14, 16, 16, 17];
const lengthsV4 = [20, 21, 22, 23, 24, 24, 24, 25, 26, 26, 27, 27, 28, 28, 29, 29, 30, 31, 32, 32, 32, 32];
const largeV6 = [36, 40, 44];
const lengthsV6 = [48, 48, 52, 56, 56, 60, 64, 64, 121, 122, 123, 124, 125, 126, 128, 128];

function prefixV4(below: (most: number) => number): string {
  const lengths = below(300) === 0 ? largeV4 : lengthsV4;
  const bits = lengths[below(lengths.length)] ?? 32;
  return `${dotted(Math.floor(addressV4(below) / 2 ** (32 - bits)) * 2 ** (32 - bits))}/${bits}`;
}

function prefixV6(below: (most: number) => number): string {
  const lengths = below(300) === 0 ? largeV6 : lengthsV6;
  return `${addressV6(below)}/${lengths[below(lengths.length)]}`;
}

/** Where the lists' prefixes are, as a number. */
export const addressV4 = (below: (most: number) => number): number => (20 + below(60)) * 2 ** 24 + below(2 ** 24);

/** The same, as text. */
export function addressV6(below: (most: number) => number): string {
  const hex = (most: number) => below(most).toString(16);
  return `2603:${(0x1000 + below(64)).toString(16)}:${hex(0x400)}:${hex(65_536)}::${hex(65_536)}`;
}

export const dotted = (word: number): string =>
  [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255].join(".");

const groups = (word: number): string => `${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`;
