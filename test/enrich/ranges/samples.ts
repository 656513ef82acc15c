/** A few rows of each provider's format, written by hand: the shapes are theirs, most addresses are documentation's. */

export const aws = {
  syncToken: "1786000000",
  createDate: "2026-08-06-07-06-40",
  prefixes: [
    { ip_prefix: "52.94.0.0/22", region: "eu-west-1", service: "AMAZON", network_border_group: "eu-west-1" },
    { ip_prefix: "203.0.113.0/24", region: "eu-west-1", service: "AMAZON", network_border_group: "eu-west-1" },
    { ip_prefix: "203.0.113.0/24", region: "eu-west-1", service: "S3", network_border_group: "eu-west-1" },
    { ip_prefix: "203.0.113.0/24", region: "eu-west-1", service: "EC2", network_border_group: "eu-west-1" },
    { ip_prefix: "198.51.100.0/25", region: "GLOBAL", service: "CLOUDFRONT", network_border_group: "GLOBAL" },
  ],
  ipv6_prefixes: [
    { ipv6_prefix: "2001:db8:a000::/36", region: "us-east-1", service: "EC2", network_border_group: "us-east-1" },
  ],
};

/** The token is the creation time in milliseconds; the time itself is written in California's, without saying so. */
export const googleCloud = {
  syncToken: "1786003600000",
  creationTime: "2026-08-06T01:06:40.63098",
  prefixes: [
    { ipv4Prefix: "198.51.100.0/24", service: "Google Cloud", scope: "europe-west1" },
    { ipv6Prefix: "2001:db8:c000::/44", service: "Google Cloud", scope: "global" },
  ],
};

export const google = {
  syncToken: "1786003600000",
  creationTime: "2026-08-06T01:06:40.63098",
  prefixes: [{ ipv4Prefix: "198.51.100.128/25" }, { ipv4Prefix: "192.0.2.0/24" }, { ipv6Prefix: "2001:db8:c000::/36" }],
};

export const azure = {
  changeNumber: 84,
  cloud: "Public",
  values: [
    tag("AzureCloud.westeurope", "westeurope", "", ["203.0.113.0/24", "2001:db8:d000::/48"]),
    tag("AzureCloud", "", "", ["203.0.113.0/24"]),
    tag("Sql", "", "AzureSQL", ["203.0.113.64/26", "203.0.113.128/26"]),
    tag("Sql.WestEurope", "westeurope", "AzureSQL", ["203.0.113.64/26"]),
    tag("AzureFrontDoor.Frontend", "", "AzureFrontDoor", ["192.0.2.0/25"]),
  ],
};

function tag(name: string, region: string, systemService: string, addressPrefixes: string[]) {
  return {
    name,
    id: name,
    properties: { changeNumber: 9, region, regionId: 18, platform: "Azure", systemService, addressPrefixes },
  };
}

export const oracle = {
  last_updated_timestamp: "2026-05-25T08:40:08.970229",
  regions: [
    {
      region: "eu-frankfurt-1",
      cidrs: [
        { cidr: "192.0.2.0/25", tags: ["OCI"] },
        { cidr: "192.0.2.128/26", tags: ["OSN"] },
        { cidr: "192.0.2.192/26", tags: ["OBJECT_STORAGE", "OSN"] },
      ],
      ipv6_cidrs: [{ cidr: "2001:db8:e000::/36", tags: ["OCI"] }],
    },
  ],
};

export const cloudflareText = "203.0.113.0/24\n198.51.100.0/24\n";

export const cloudflareApi = {
  result: { ipv4_cidrs: ["203.0.113.0/24"], ipv6_cidrs: ["2001:db8::/32"], etag: "38f7" },
  success: true,
  errors: [],
  messages: [],
};

export const fastly = { addresses: ["192.0.2.0/24"], ipv6_addresses: ["2001:db8:f000::/40"] };

export const github = {
  verifiable_password_authentication: false,
  ssh_key_fingerprints: { SHA256_RSA: "uNiVztksCsDhcc0u9e8BgrJXVGDR4yX7" },
  ssh_keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA"],
  hooks: ["192.0.2.0/24"],
  web: ["192.0.2.0/24", "198.51.100.7/32"],
  api: ["192.0.2.0/24"],
  git: ["192.0.2.0/24"],
  actions: ["203.0.113.0/24", "2001:db8:1::/48"],
  domains: { website: ["*.github.com"] },
};

export const datadog = {
  version: 54,
  modified: "2026-07-14-00-00-00",
  agents: { prefixes_ipv4: ["192.0.2.0/25"], prefixes_ipv6: ["2001:db8:2::/48"] },
  logs: { prefixes_ipv4: ["192.0.2.0/25"], prefixes_ipv6: [] },
  global: { prefixes_ipv4: ["192.0.2.0/25", "192.0.2.128/25"], prefixes_ipv6: ["2001:db8:2::/48"] },
  synthetics: {
    prefixes_ipv4: ["203.0.113.9/32"],
    prefixes_ipv4_by_location: { "aws:eu-central-1": ["203.0.113.9/32"] },
    prefixes_ipv6: [],
    prefixes_ipv6_by_location: {},
  },
};

export const atlassian = {
  syncToken: 1786000000,
  creationDate: "2026-08-06T07:06:40.512345",
  items: [
    block("198.51.100.0/24", ["jira", "confluence"], ["eu-west-1"]),
    block("203.0.113.0/24", ["bitbucket", "confluence", "jira", "trello"], ["global"]),
    block("192.0.2.0/24", ["email"], ["us-east-1", "us-west-2"]),
  ],
};

function block(cidr: string, product: string[], region: string[]) {
  return {
    network: cidr,
    mask_len: 24,
    cidr,
    mask: "",
    product,
    region,
    direction: ["egress"],
    perimeter: "commercial",
  };
}

export const microsoft365 = [
  {
    id: 1,
    serviceArea: "Exchange",
    serviceAreaDisplayName: "Exchange Online",
    urls: ["outlook.office.com"],
    ips: ["192.0.2.0/31", "2001:db8:3::/48"],
    tcpPorts: "80,443",
    required: true,
  },
  {
    id: 56,
    serviceArea: "Common",
    serviceAreaDisplayName: "Microsoft 365 Common and Office Online",
    ips: ["203.0.113.0/24"],
  },
  {
    id: 57,
    serviceArea: "Common",
    serviceAreaDisplayName: "Microsoft 365 Common and Office Online",
    urls: ["*.office.com"],
  },
];
