/** Lists of one prefix a line (Cloudflare, Stripe, Zscaler, one's own), and geofeeds (DigitalOcean, Linode, Vultr). Pure. */
import type { Origin, Row, Told } from "./list.ts";

/** `# a comment` may stand alone or behind a prefix. */
export function readText(text: string, origin: Origin, mostRows: number): Told {
  const rows: Row[] = [];
  for (const [whole] of text.matchAll(/[^\r\n]+/g)) {
    const line = whole.replace(/#.*/, "").trim();
    if (line !== "") rows.push(readLine(line));
    if (rows.length > mostRows) break;
  }
  return { provider: origin.provider, made: null, rows };
}

/** RFC 8805 §2.1: prefix, country, region, city, postal code. Without a `/` it is a table of something else, such as of ASNs. */
function readLine(line: string): Row {
  const [cidr = "", country = "", region = ""] = line.slice(0, 300).split(",", 3);
  if (cidr === line) return { cidr, service: null, region: null };
  return {
    cidr: cidr.includes("/") ? cidr.trim() : null,
    service: null,
    region: region.trim() || country.trim() || null,
  };
}
