import { describe, expect, it } from "vitest";
import { fqdnFault, hostFault, isAddress, isCidr, protocolClass } from "../../../lib/istio/lint/spellings.ts";

const label63 = "a".repeat(63);

/** Measured with Go's net/netip, which Istio asks. */
describe("addresses", () => {
  it.each([
    ...[
      "203.0.113.7",
      "0.0.0.0",
      "255.255.255.255",
      "::",
      "::1",
      "1::",
      "1:2:3:4:5:6:7:8",
      "1:2:3:4:5:6:7::",
      "::2:3:4:5:6:7:8",
      "2001:DB8::a",
    ],
    ...[
      "::1.2.3.4",
      "1:2:3:4:5:6:1.2.3.4",
      "::ffff:203.0.113.7",
      "64:ff9b::1.2.3.4",
      "fe80::1%eth0",
      "::ffff:1.2.3.4%e",
    ],
  ])("%s is one", (text) => {
    expect(isAddress(text)).toBe(true);
  });

  it.each([
    ...[
      "",
      "203.0.113",
      "203.0.113.256",
      "203.0.113.07",
      "1.2.3.4.5",
      "1.2.3.",
      "0x7f.0.0.1",
      "1.2.3.4%eth0",
      " 1.2.3.4",
      "a.b.c.d",
    ],
    ...[
      "1::2::3",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8::",
      "12345::",
      "g::",
      ":1",
      "1:",
      ":::",
      "[::1]",
      "fe80::1%",
    ],
    ...["1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4", "::1.2.3", "::1.2.3.04", "::1.2.3.4:5"],
  ])("%j is none", (text) => {
    expect(isAddress(text)).toBe(false);
  });

  it.each(["0.0.0.0/0", "203.0.113.7/32", "203.0.113.7/24", "::/0", "2001:db8::1/128", "::1.2.3.4/8"])(
    "%s is a CIDR",
    (text) => {
      expect(isCidr(text)).toBe(true);
    },
  );

  it.each([
    "203.0.113.7",
    "203.0.113.7/33",
    "203.0.113.7/032",
    "1.2.3.4/-1",
    "1.2.3.4/",
    "/24",
    "2001:db8::/129",
    "fe80::1%e/64",
    "1.2.3.4/1/2",
  ])("%s is none", (text) => {
    expect(isCidr(text)).toBe(false);
  });
});

describe("hosts", () => {
  it.each([
    ...[
      "x",
      "123",
      "a.example",
      "A.Example",
      "a.example.",
      "a.",
      "*.",
      "*",
      "*.example.com",
      "*example.com",
      "*-x.example",
      "a.1.",
      "xn--a.b",
    ],
    ...[`${label63}.a`, `a.${label63}`, `*${label63.slice(1)}.a`, "a.9223372036854775808", `${"a.".repeat(127)}a`],
  ])("%s may be one", (host) => {
    expect(hostFault(host)).toBeNull();
  });

  it.each([
    ["", "it is empty"],
    [`${"a.".repeat(127)}ab`, "longer than 255"],
    ["a..b", "a label is empty"],
    [".", "a label is empty"],
    [`${label63}a.b`, "longer than 63"],
    [`b.${label63}a`, "longer than 63"],
    ["a.*.b", "wildcard"],
    ["**.b", "wildcard"],
    ["-a.b", "hyphen"],
    ["b.a-", "hyphen"],
    ["a_b.c", "other than letters"],
    ["1.2.3.4", "its last label is a number"],
    ["*.9223372036854775807", "its last label is a number"],
  ])("%j is none: %s", (host, why) => {
    expect(hostFault(host)).toContain(why);
  });

  it("DNS answers no wildcard, and no number alone", () => {
    expect([fqdnFault("a.example"), fqdnFault("a.example."), fqdnFault("x")]).toEqual([null, null, null]);
    for (const host of ["*.example", "*", "123", "", "."]) expect(fqdnFault(host)).not.toBeNull();
  });
});

it("protocols in any case", () => {
  const classes = ["http", "GRPC-Web", "HTTP_PROXY", "Tls", "HTTPS", "tcp", "MySQL", "redis", "UDP", "", "SMTP"].map(
    protocolClass,
  );
  expect(classes).toEqual([
    ...["http", "http", "http", "tls", "tls", "tcp", "database", "database", "udp", "sniffed", "unknown"],
  ]);
});
