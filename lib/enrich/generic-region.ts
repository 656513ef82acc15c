/** Where in its provider's network a generic name lies: what the name itself says, as the provider writes it. Pure. */

/** A region of AWS: `eu-west-1`, `us-gov-west-1`. */
const aws = String.raw`([a-z]{2}(?:-[a-z]+)+-\d)`;

/**
 * Each finds a place in its first group, or is one place only. All are anchored at the provider's own domain, as the rows of
 * `generic-table.ts` are; the oldest region of AWS has a number in its names and no place.
 */
const places: readonly (readonly [pattern: RegExp, place?: string])[] = [
  [/\.compute-1\.amazonaws\.com$/, "us-east-1"],
  [/\.ec2\.internal$/, "us-east-1"],
  [/^s3-(?:1|1-w|external-1)\.amazonaws\.com$/, "us-east-1"],
  [new RegExp(String.raw`\.${aws}\.compute\.(?:amazonaws\.com(?:\.cn)?|internal)$`)],
  [new RegExp(String.raw`\.${aws}\.elb\.amazonaws\.com(?:\.cn)?$`)],
  [new RegExp(String.raw`\.elb\.${aws}\.amazonaws\.com(?:\.cn)?$`)],
  [new RegExp(String.raw`^s3-(?:[a-z0-9-]*[-.])?${aws}(?:-w)?\.amazonaws\.com(?:\.cn)?$`)],
  // Edges are called by the nearest airport.
  [/\.([a-z]{3}\d+(?:-[a-z]\d+)?)\.r\.cloudfront\.net$/],
  [/^([a-z]{3}\d{2})s\d+-[a-z0-9-]+\.1e100\.net$/],
  [/\.([a-z]{2,3}\d{1,3})\.ntwk\.msn\.net$/],
  [/\.([a-z0-9]+)\.cloudapp\.azure\.com$/],
  [/\.compute\.([a-z]+-[a-z]+)\.otc\.t-systems\.com$/],
  [/\.(gb1)\.brightbox\.com$/],
  // Access networks: a state, a city.
  [/\.hsd1\.([a-z]{2})\.comcast\.net$/],
  [/\.([a-z]+)\.(?:res|biz)\.(?:rr|spectrum)\.com$/],
  [/\.([a-z]{6})\.fios\.verizon\.net$/],
];

/** The place in a canonical name that is known to be generic; null where it tells none. Throws nothing. */
export function genericRegion(host: string): string | null {
  for (const [pattern, place] of places) {
    const match = pattern.exec(host);
    if (match !== null) return place ?? match[1] ?? null;
  }
  return null;
}
