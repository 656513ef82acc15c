import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { genericReason } from "../../lib/enrich/generic.ts";
import { genericTable } from "../../lib/enrich/generic-table.ts";

/** One or more names for each row of the table, in its order. */
const samples: [provider: string | null, ...names: string[]][] = [
  ["AWS", "ec2-203-0-113-7.compute-1.amazonaws.com"],
  ["AWS", "ec2-203-0-113-7.eu-west-1.compute.amazonaws.com", "ec2-203-0-113-7.cn-north-1.compute.amazonaws.com.cn"],
  ["AWS", "ip-10-1-2-3.ec2.internal", "ip-10-1-2-3.eu-west-1.compute.internal"],
  ["AWS", "server-54-192-1-1.fra50.r.cloudfront.net"],
  ["AWS", "s3-1.amazonaws.com", "s3-website.eu-west-1.amazonaws.com"],
  ["AWS", "a4c2b794233c60a6.awsglobalaccelerator.com"],
  ["AWS", "x.eu-west-1.elb.amazonaws.com", "x.elb.eu-west-1.amazonaws.com"],
  ["Google Cloud", "7.113.0.203.bc.googleusercontent.com"],
  ["Google", "lhr25s34-in-f14.1e100.net", "1e100.net"],
  ["Google", "google-proxy-66-249-80-1.google.com"],
  ["Azure", "myvm.westeurope.cloudapp.azure.com", "old.cloudapp.net"],
  ["Microsoft", "a-0001.a-msedge.net", "x.msedge.net"],
  ["Microsoft", "ae21-0.icr01.ams06.ntwk.msn.net"],
  ["Microsoft", "msnbot-40-77-167-1.search.msn.com"],
  ["Akamai", "a23-7-53-229.deploy.static.akamaitechnologies.com"],
  ["Akamai", "a96-6-1-1.deploy.akamaitechnologies.com"],
  ["Akamai", "e123.akamaiedge.net"],
  ["Linode", "45-33-24-145.ip.linodeusercontent.com"],
  ["Linode", "li1234-56.members.linode.com"],
  ["Vultr", "203.0.113.7.vultrusercontent.com"],
  ["Vultr", "203.0.113.7.vultr.com"],
  ["Hetzner", "static.7.113.0.203.clients.your-server.de", "203-0-113-7.clients.your-server.de"],
  ["Contabo", "vmi3338359.contaboserver.net"],
  ["OVH", "vps-1a2b3c4d.vps.ovh.net"],
  ["OVH", "ns3012345.ip-51-38-1.eu"],
  ["OVH", "ip7.ip-51-38-1.eu"],
  ["Scaleway", "51-15-1-2.rev.poneytelecom.eu"],
  ["Scaleway", "1a2b.pub.instances.scw.cloud"],
  ["Huawei Cloud", "ecs-203-0-113-7.compute.hwclouds-dns.com"],
  ["Open Telekom Cloud", "ecs-80-158-1-1.reverse.open-telekom-cloud.com", "x.compute.eu-de.otc.t-systems.com"],
  ["Brightbox", "cip-109-107-38-125.gb1.brightbox.com"],
  ["Rackspace", "50-56-223-113.static.cloud-ips.com"],
  ["IBM Cloud", "203.0.113.7-static.reverse.softlayer.com", "7.71.00cb.ip4.static.sl-reverse.com"],
  ["GoDaddy", "ip-203-0-113-7.ip.secureserver.net"],
  ["IONOS", "ip82-165-1-1.pbiaas.com", "s12345.onlinehome-server.info"],
  ["ColoCrossing", "192-3-1-2-host.colocrossing.com"],
  ["QuadraNet", "203.0.113.7.static.quadranet.com"],
  ["VDSina", "v123.hosted-by-vdsina.ru"],
  ["Hostwinds", "hwsrv-123456.hostwindsdns.com"],
  ["Hivelocity", "23-227-193-172.static.hvvc.us"],
  ["HostEurope", "static-ip-1-2-3-4.inaddr.ip-pool.startdedicated.com"],
  ["Comcast", "c-203-0-113-7.hsd1.wa.comcast.net"],
  ["Charter", "cpe-203-0-113-7.res.rr.com", "x.biz.spectrum.com"],
  ["Verizon", "pool-203-0-113-7.nycmny.fios.verizon.net"],
  ["Deutsche Telekom", "p5b1234ab.dip0.t-ipconnect.de"],
  ["Free", "lns-bzn-1-82-1-2-3.adsl.proxad.net"],
  ["Orange", "lfbn-idf1-1-1-1.w90-1.abo.wanadoo.fr"],
  ["Telenet", "d5152.access.telenet.be"],
  [null, "4.3.2.1.in-addr.arpa", "1.0.0.2.ip6.arpa"],
];

describe("the table", () => {
  test("has a sample for each row, and each is its own row's", () => {
    expect(samples).toHaveLength(genericTable.length);
    for (const [index, [provider, ...names]] of samples.entries()) {
      for (const name of names) {
        expect(genericTable[index]?.pattern.test(name), name).toBe(true);
        expect(genericReason(name, null), name).toMatchObject({ provider });
      }
    }
  });

  test("says whose a name is and for what", () => {
    expect(genericReason("ec2-203-0-113-7.compute-1.amazonaws.com", "203.0.113.7")).toEqual({
      provider: "AWS",
      service: "an EC2 machine",
      region: "us-east-1",
      why: "AWS's name for an EC2 machine in us-east-1: it tells whose the address is, not what answers there",
    });
    expect(genericReason("a23-7-53-229.deploy.static.akamaitechnologies.com", null)).toEqual({
      provider: "Akamai",
      service: "a CDN edge",
      region: null,
      why: "Akamai's name for a CDN edge: it tells whose the address is, not what answers there",
    });
  });

  test.each([
    ["ec2-203-0-113-7.compute-1.amazonaws.com", "us-east-1"],
    ["ec2-203-0-113-7.eu-west-1.compute.amazonaws.com", "eu-west-1"],
    ["ec2-203-0-113-7.us-gov-west-1.compute.amazonaws.com", "us-gov-west-1"],
    ["ec2-203-0-113-7.cn-north-1.compute.amazonaws.com.cn", "cn-north-1"],
    ["ip-10-1-2-3.ec2.internal", "us-east-1"],
    ["ip-10-1-2-3.eu-west-1.compute.internal", "eu-west-1"],
    ["server-54-192-1-1.fra50.r.cloudfront.net", "fra50"],
    ["server-54-192-1-1.fra60-p1.r.cloudfront.net", "fra60-p1"],
    ["s3-1.amazonaws.com", "us-east-1"],
    ["s3-1-w.amazonaws.com", "us-east-1"],
    ["s3-eu-west-1.amazonaws.com", "eu-west-1"],
    ["s3-ap-southeast-2-w.amazonaws.com", "ap-southeast-2"],
    ["s3-website-us-east-1.amazonaws.com", "us-east-1"],
    ["s3-website.eu-central-1.amazonaws.com", "eu-central-1"],
    ["s3-w.amazonaws.com", null],
    ["x.eu-west-1.elb.amazonaws.com", "eu-west-1"],
    ["x.elb.eu-west-1.amazonaws.com", "eu-west-1"],
    ["eu-west-1.us-east-2.elb.amazonaws.com", "us-east-2"],
    ["a4c2b794233c60a6.awsglobalaccelerator.com", null],
    ["myvm.westeurope.cloudapp.azure.com", "westeurope"],
    ["old.cloudapp.net", null],
    ["lhr25s34-in-f14.1e100.net", "lhr25"],
    ["any-in-2678.1e100.net", null],
    ["ae21-0.icr01.ams06.ntwk.msn.net", "ams06"],
    ["x.compute.eu-de.otc.t-systems.com", "eu-de"],
    ["cip-109-107-38-125.gb1.brightbox.com", "gb1"],
    ["c-203-0-113-7.hsd1.wa.comcast.net", "wa"],
    ["cpe-203-0-113-7.nyc.res.rr.com", "nyc"],
    ["cpe-203-0-113-7.res.rr.com", null],
    ["pool-203-0-113-7.nycmny.fios.verizon.net", "nycmny"],
    ["static.7.113.0.203.clients.your-server.de", null],
    ["4.3.2.1.in-addr.arpa", null],
  ])("tells where %s is: %s", (name, region) => {
    const generic = genericReason(name, null);
    expect(generic?.region).toBe(region);
    if (region !== null) expect(generic?.why).toContain(` in ${region}: it tells whose`);
  });

  test("is nobody's who only looks like it: neither a name that goes on, nor one glued to another", () => {
    for (const [provider, ...names] of samples) {
      if (provider === null) continue;
      for (const name of names) {
        expect(genericReason(`${name}.evil.example`, "198.51.100.1"), name).toBeNull();
        expect(genericReason(`${name}.evil.example`, "203.0.113.7"), name).toBeNull();
      }
    }
    expect(genericReason("not1e100.net", null)).toBeNull();
    expect(genericReason("evilawsglobalaccelerator.com", null)).toBeNull();
  });
});

describe("an address inside the name", () => {
  test.each([
    ["dotted", "203.0.113.7", "203.0.113.7.example.com"],
    ["dashed", "203.0.113.7", "host.203-0-113-7.example.com"],
    ["behind letters", "203.0.113.7", "ip203-0-113-7.example.com"],
    ["reversed", "203.0.113.7", "7.113.0.203.example.com"],
    ["reversed and dashed", "203.0.113.7", "x-7-113-0-203.example.com"],
    ["mixed", "203.0.113.7", "203-0-113.7.example.com"],
    ["zero-padded", "203.0.113.7", "203-000-113-007.example.com"],
    ["zero-padded in one", "203.0.113.7", "n203000113007.example.com"],
    ["zero-padded in one, reversed", "203.0.113.7", "007113000203.example.com"],
    ["hexadecimal", "203.0.113.7", "pcb007107.example.com"],
    ["hexadecimal, reversed", "203.0.113.7", "077100cb.example.com"],
    ["hexadecimal, dashed", "203.0.113.7", "cb-00-71-07.example.com"],
    ["hexadecimal, reversed and dotted", "203.0.113.7", "7.71.0.cb.example.com"],
    ["decimal", "203.0.113.7", "3405803783.example.com"],
    ["not the first run of four", "203.0.113.7", "1-203-0-113-7.example.com"],
    ["IPv6 dashed", "2001:db8::17", "2001-db8-0-0-0-0-0-17.example.com"],
    ["IPv6 with its zeros", "2001:db8::17", "2001-0db8-0000-0000-0000-0000-0000-0017.example.com"],
    ["IPv6 short", "2001:db8::17", "host-2001-db8--17.example.com"],
    ["IPv6 in one", "2001:db8::17", "20010db8000000000000000000000017.example.com"],
    [
      "IPv6 nibbles",
      "2001:db8::17",
      "7.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.static.example.com",
    ],
  ])("%s", (_, address, name) => {
    expect(genericReason(name, address)?.why).toBe("the address itself is in the name");
  });

  test("another address counts too, and is shown", () => {
    expect(genericReason("x-198-51-100-9.example.com", "203.0.113.7")?.why).toBe(
      "an address, 198.51.100.9, is in the name",
    );
    expect(genericReason("x-198-51-100-9.example.com", null)).not.toBeNull();
    expect(genericReason("x-198-51-100-9.example.com", "2001:db8::17")).not.toBeNull();
  });

  test.each([
    ["999.1.1.1.example.com", "203.0.113.7"],
    ["1-2-3.example.com", "203.0.113.7"],
    ["build-2024-11-22-01.example.com", "203.0.113.7"],
    ["2001-db8--17.example.com", "2001:db8::1"],
    ["16777217a.example.com", "1.0.0.2"],
    ["api.example.com", "0.0.0.1"],
  ])("%s holds none (of %s)", (name, address) => {
    expect(genericReason(name, address)).toBeNull();
  });
});

describe("words", () => {
  test.each([
    "adsl-1-2-3.dsl.example.net",
    "dhcp.example.net",
    "host-31-2.example.net",
    "customer12.static7.example.net",
    "static-77.example-hoster.net",
    "pool-9.example.net",
    "unassigned.example-isp.net",
    "no-data.example.net",
    "1-2-3-4.dynamic.example-isp.net",
    "static-203-0-113-7.example-hoster.net",
  ])("%s is one of many", (name) => {
    expect(genericReason(name, "203.0.113.7")).toMatchObject({ provider: null, service: null, region: null });
  });

  test.each([
    "api.stripe.com",
    "s3.amazonaws.com",
    "www.mobile.de",
    "mobile.events.data.example.com",
    "static.example.com",
    "host.io",
    "dynamic.com",
    "unusedstuff.example.com",
    "clientstream2.example.com",
    "api.vultr.com",
    "smtpout.secureserver.net",
    "dns.google",
    "one.one.one.one",
    "api.pool.example",
    "api.pool.example.com",
    "pool.ntp.org",
    "api.customer.io",
    "client-api.example.com",
    "static-assets.example.com",
    "hosted-by.example.com",
    "api.linode.com",
    "www.your-server.de",
    "ec2.eu-west-1.amazonaws.com",
    "sqs.eu-west-1.amazonaws.com",
    "s3.eu-west-1.amazonaws.com",
    "api.ec2-tools.example.com",
    "login.msn.com",
    "storage.googleapis.com",
    "elb.example.com",
    "management.azure.com",
  ])("%s is a name like any other", (name) => {
    expect(genericReason(name, "203.0.113.7")).toBeNull();
  });
});

describe("whatever a stranger sends", () => {
  const bits = [
    "ec2-",
    "1-",
    "203-0-113-7",
    ".",
    "-",
    "a",
    "0",
    "static",
    ".amazonaws.com",
    "s3-",
    ".elb",
    "dsl",
    "cb007107",
    "\n",
    "\\",
    "é",
  ];
  const host = fc.oneof(
    fc.string({ maxLength: 300, unit: "binary" }),
    fc.array(fc.constantFrom(...bits), { maxLength: 120 }).map((all) => all.join("")),
  );
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant(null), fc.string());

  test("it answers, in printable ASCII", () => {
    fc.assert(
      fc.property(host, address, (name, ip) => {
        const generic = genericReason(name, ip);
        if (generic !== null) expect(generic.why).toMatch(/^[\x20-\x7e]+$/);
      }),
      { numRuns: 2000 },
    );
  });

  test("its own IPv4 address is found in any of the spellings", () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(
        fc.tuple(octet, octet, octet, octet),
        fc.boolean(),
        fc.constantFrom(".", "-"),
        (octets, back, between) => {
          const name = `h${(back ? octets.toReversed() : octets).join(between)}.example.com`;
          expect(genericReason(name, octets.join("."))?.why).toBe("the address itself is in the name");
        },
      ),
    );
  });

  test("no pattern takes more than a moment over 253 characters made to be slow", () => {
    const ends = ["", ".amazonaws.com", ".compute.amazonaws.com", ".elb.amazonaws.com", ".azure.com", "-1.1e100.net"];
    const slow = [
      "ec2-",
      "1-",
      "1.",
      "a-",
      "a.",
      "-",
      ".",
      "0",
      "s3-a",
      "static.",
      "1e100.net.",
      ".elb.a",
      "ab-cd",
      "host-",
    ].flatMap((bit) =>
      ends.flatMap((end) => ["", "s3-"].map((start) => (start + bit.repeat(253)).slice(0, 253 - end.length) + end)),
    );
    for (const name of slow) for (let round = 0; round < 20; round++) genericReason(name, "203.0.113.7");
  });
});
