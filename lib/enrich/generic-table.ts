/**
 * How providers name what they do not know better: machines, front-ends, access lines. One row is a pattern of canonical host
 * names, who gives such names, to what, and its kind. For attribution; `generic.ts` has the rule that finds the rest.
 * Rows of one provider stand together, the most telling first. Facts from the providers' documentation, the public suffix list's
 * private section and counted PTR records; a row for a zone that also holds names of services asks for a digit.
 */

export type GenericKind =
  | "vm"
  | "private"
  | "cdn"
  | "storage"
  | "lb"
  | "edge"
  | "router"
  | "bot"
  | "placeholder"
  | "broken"
  | "isp";

export interface GenericRow {
  /** Matches the whole end of a name, whatever the row says: `….amazonaws.com.evil.example` is nobody's but evil.example's. */
  pattern: RegExp;
  /** Matches where the row's name goes on to the right: somebody dresses up as the provider. */
  imitation: RegExp;
  provider: string | null;
  /** What has such names, as a person would say it after "the name for": one of them, with its article. */
  service: string;
  kind: GenericKind;
}

/** Four octets with hyphens, and with dots. */
const dashed = String.raw`\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}`;
const dotted = String.raw`\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}`;
/** Anything that holds a digit: one way to match it only, so the time stays linear. */
const withDigit = String.raw`^[a-z.-]*\d[a-z0-9.-]*`;

type Line = readonly [pattern: string, provider: string | null, service: string, kind: GenericKind];

const lines: readonly Line[] = [
  // Of load balancers and NAT gateways too: what has an address of EC2 has such a name.
  [String.raw`^ec2-${dashed}\.compute-1\.amazonaws\.com`, "AWS", "an EC2 machine", "vm"],
  [
    String.raw`^ec2-${dashed}\.[a-z]{2}(?:-[a-z]+)+-\d\.compute\.amazonaws\.com(?:\.cn)?`,
    "AWS",
    "an EC2 machine",
    "vm",
  ],
  [String.raw`^ip-${dashed}\.(?:ec2|[a-z0-9-]+\.compute)\.internal`, "AWS", "a private address of a VPC", "private"],
  [String.raw`^server-${dashed}\.[a-z]{3}\d+(?:-[a-z]\d+)?\.r\.cloudfront\.net`, "AWS", "a CloudFront edge", "cdn"],
  [String.raw`^s3-[a-z0-9-]*(?:\.[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?`, "AWS", "an S3 front-end", "storage"],
  [String.raw`^(?:[a-z0-9]+\.)?awsglobalaccelerator\.com`, "AWS", "Global Accelerator", "lb"],
  [String.raw`\.elb\.(?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?`, "AWS", "a load balancer", "lb"],
  [String.raw`^${dotted}\.bc\.googleusercontent\.com`, "Google Cloud", "a Compute Engine machine", "vm"],
  [String.raw`(?:^|\.)1e100\.net`, "Google", "a front-end of all its services", "edge"],
  [String.raw`^(?:rate-limited-proxy|google-proxy)-${dashed}\.google\.com`, "Google", "a proxy", "edge"],
  [String.raw`\.cloudapp\.(?:azure\.com|net)`, "Azure", "a virtual machine", "vm"],
  [String.raw`\.(?:a-|l-|t-|ax-)?msedge\.net`, "Microsoft", "a front-end", "edge"],
  [String.raw`\.msn\.net`, "Microsoft", "a router's interface", "router"],
  [String.raw`^msnbot-${dashed}\.search\.msn\.com`, "Microsoft", "the Bing crawler", "bot"],
  [String.raw`^a${dashed}\.deploy\.static\.akamaitechnologies\.com`, "Akamai", "a CDN edge", "cdn"],
  [String.raw`\.deploy\.akamaitechnologies\.com`, "Akamai", "a CDN edge", "cdn"],
  [String.raw`\.(?:akamaiedge|akamaihd|akamai|edgekey|edgesuite)\.net`, "Akamai", "a customer of its CDN", "cdn"],
  [String.raw`^${dashed}\.ip\.linodeusercontent\.com`, "Linode", "a virtual machine", "vm"],
  [String.raw`^li\d+-\d{1,3}\.members\.linode\.com`, "Linode", "a virtual machine", "vm"],
  [String.raw`\.vultrusercontent\.com`, "Vultr", "a virtual machine", "vm"],
  [String.raw`${withDigit}\.(?:vultr|choopa)\.(?:com|net)`, "Vultr", "a virtual machine", "vm"],
  [String.raw`\.clients\.your-server\.de`, "Hetzner", "a machine", "vm"],
  [String.raw`^vmi\d+\.contaboserver\.net`, "Contabo", "a virtual machine", "vm"],
  [String.raw`^vps-[0-9a-f]{8}\.vps\.ovh\.(?:net|ca|us)`, "OVH", "a virtual machine", "vm"],
  [String.raw`^ns\d{4,7}\.(?:ip-\d+-\d+-\d+\.(?:eu|net|us)|ovh\.net)`, "OVH", "a dedicated machine", "vm"],
  [String.raw`^(?:ip)?\d{1,3}\.ip-\d{1,3}-\d{1,3}-\d{1,3}\.(?:eu|net|us)`, "OVH", "an additional address", "vm"],
  [String.raw`\.rev\.poneytelecom\.eu`, "Scaleway", "a dedicated machine", "vm"],
  [String.raw`\.instances\.scw\.cloud`, "Scaleway", "a virtual machine", "vm"],
  [String.raw`^ecs-${dashed}\.compute\.hwclouds-dns\.com`, "Huawei Cloud", "an elastic address", "vm"],
  [
    String.raw`\.compute\.[a-z-]+\.otc\.t-systems\.com|^ecs-${dashed}\.reverse\.open-telekom-cloud\.com`,
    "Open Telekom Cloud",
    "an elastic address",
    "vm",
  ],
  [String.raw`^cip-${dashed}\.gb1\.brightbox\.com`, "Brightbox", "a cloud address", "vm"],
  [String.raw`^${dashed}\.static\.cloud-ips\.com`, "Rackspace", "a cloud server", "vm"],
  [
    String.raw`-static\.reverse\.softlayer\.com|\.static\.(?:reverse\.)?networklayer\.com|\.ip4\.static\.sl-reverse\.com`,
    "IBM Cloud",
    "a virtual machine",
    "vm",
  ],
  [String.raw`${withDigit}\.secureserver\.net`, "GoDaddy", "a machine", "vm"],
  [
    String.raw`^(?:s\d+|u\d+|p\d+|ip${dashed})\.(?:onlinehome-server\.(?:info|com)|pbiaas\.com|kundenserver\.de)`,
    "IONOS",
    "a machine",
    "vm",
  ],
  [String.raw`-host\.colocrossing\.com`, "ColoCrossing", "a virtual machine", "vm"],
  [String.raw`\.static\.quadranet\.com`, "QuadraNet", "a virtual machine", "vm"],
  [String.raw`\.hosted-by-vdsina\.(?:ru|com)`, "VDSina", "a virtual machine", "vm"],
  [String.raw`\.hostwindsdns\.com`, "Hostwinds", "a virtual machine", "vm"],
  [String.raw`\.hvvc\.us`, "Hivelocity", "a machine", "vm"],
  [String.raw`\.startdedicated\.(?:com|de|net)`, "HostEurope", "a dedicated machine", "vm"],
  [String.raw`\.hsd1\.[a-z]{2}\.comcast\.net`, "Comcast", "an access line", "isp"],
  [String.raw`\.(?:res|biz)\.(?:rr|spectrum)\.com`, "Charter", "an access line", "isp"],
  [String.raw`\.fios\.verizon\.net`, "Verizon", "an access line", "isp"],
  [String.raw`\.dip0\.t-ipconnect\.de`, "Deutsche Telekom", "an access line", "isp"],
  [String.raw`\.(?:adsl|fbx)\.proxad\.net`, "Free", "an access line", "isp"],
  [String.raw`\.abo\.wanadoo\.fr`, "Orange", "an access line", "isp"],
  [String.raw`\.(?:bb|access)\.telenet\.be`, "Telenet", "an access line", "isp"],
  [String.raw`\.(?:in-addr|ip6)\.arpa`, null, "a reverse zone's own name", "broken"],
];

/** Compiled once. Every pattern ends where the name ends: a row cannot forget to. */
export const genericTable: readonly GenericRow[] = lines.map(([pattern, provider, service, kind]) => ({
  pattern: new RegExp(`(?:${pattern})$`),
  imitation: new RegExp(String.raw`(?:${pattern})\.`),
  provider,
  service,
  kind,
}));
