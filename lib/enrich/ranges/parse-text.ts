/** Lists of one prefix a line (Cloudflare, Stripe, Zscaler, one's own), and geofeeds (DigitalOcean, Linode, Vultr). Pure. */
import type { Origin, TakeRow, Told } from "./list.ts";

/** `# a comment` may stand alone or behind a prefix. @param mostRows how many rows are read */
export function readText(text: string, origin: Origin, mostRows: number): Told {
  return {
    provider: origin.provider,
    made: null,
    eachRow(take) {
      let rows = 0;
      for (const [whole] of text.matchAll(/[^\r\n]+/g)) {
        const line = whole.replace(/#.*/, "").trim();
        if (line === "") continue;
        if (++rows > mostRows) return;
        takeLine(line, take);
      }
    },
  };
}

/** RFC 8805 §2.1: prefix, country, region, city, postal code. Without a `/` it is a table of something else, such as of ASNs. */
function takeLine(line: string, take: TakeRow): void {
  const [cidr = "", country = "", region = ""] = line.slice(0, 300).split(",", 3);
  if (cidr === line) take(cidr, null, null);
  else take(cidr.includes("/") ? cidr.trim() : null, null, region.trim() || country.trim() || null);
}
