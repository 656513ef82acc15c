import { describe, expect, it } from "vitest";
import type { Finding, Name, Sighting, Suggestion } from "../../lib/model.ts";
import { networkAround, providerNetwork, sizeOf } from "../../lib/suggest/prefix.ts";
import type { SuggestSettings } from "../../lib/suggest/suggest.ts";
import { admitAll } from "./admit-all.ts";
import { finding, literal, name, onlyOne, ports, sighting, source, spec, suggestAll, tcp } from "./make.ts";

const network = "203.0.113.0/24";
const range = (text = network): Name => ({ ...name("AWS S3 eu-west-1", "range", "generic"), network: text });
const inRange = { names: [range()] };
const addresses = [1, 2, 3, 4, 5, 6].map((last) => `203.0.113.${last}`);
const five = addresses.slice(0, 5).map((address) => finding(tcp(address), inRange));

const isNetwork = ({ manifest }: Suggestion) => spec(manifest).hosts[0]?.startsWith("net-");
const networks = (findings: readonly Finding[], sightings: Sighting[] = [], settings: SuggestSettings = {}) =>
  suggestAll(findings, sightings, settings).map((one) => one.suggestions.find(isNetwork) ?? null);
const count = (made: readonly unknown[]) => made.filter((one) => one !== null).length;

describe("five bare addresses of one provider's network, at one port, from one namespace", () => {
  it("have an entry for all of it after their own", () => {
    const made = suggestAll(five);
    for (const [index, one] of made.entries()) {
      expect(spec(onlyOne(one).manifest).addresses).toEqual([`${addresses[index]}/32`]);
      expect(one.suggestions).toHaveLength(2);
      expect(one.suggestions[1]?.yaml).toBe(made[0]!.suggestions[1]!.yaml);
    }
    const [wide] = networks(five);
    expect(wide?.manifest).toMatchObject({
      metadata: {
        name: expect.stringMatching(/^net-203-0-113-0-24-egress-internal-[0-9a-f]{8}$/),
        namespace: "payments",
      },
      spec: {
        hosts: ["net-203-0-113-0-24.egress.internal"],
        addresses: [network],
        ports: [{ number: 5432, name: "tcp-5432", protocol: "TCP" }],
        location: "MESH_EXTERNAL",
        resolution: "NONE",
        exportTo: ["."],
      },
    });
    expect(wide?.confidence).toBe("low");
    expect(admitAll(wide!.manifest)).toEqual([]);
  });

  it("are told how much it opens", () => {
    const [wide] = networks([...five.slice(1), finding(tcp(addresses[0]!, 5432, { verdict: "blocked" }), inRange)]);
    expect(wide?.why[0]).toBe(
      "5 addresses of 203.0.113.0/24 (AWS S3 eu-west-1) were called from payments on port 5432, and none has a name: 203.0.113.1, 203.0.113.2, 203.0.113.3, 203.0.113.4, 203.0.113.5.",
    );
    expect(wide?.warnings).toEqual([
      "203.0.113.1 is blocked today: applying this opens it.",
      "It opens all 256 addresses of 203.0.113.0/24 on port 5432; 5 were seen.",
      expect.stringContaining("Whoever rents one of them"),
      expect.stringContaining("the narrower one wins"),
    ]);
  });

  it("may be known from memory", () => {
    const known = addresses.slice(1, 5).map((address) => sighting(tcp(address)));
    expect(count(networks([finding(tcp(addresses[0]!), inRange)], known))).toBe(1);
  });

  it("have a port in it where five of them have that port", () => {
    const other = five.map((one) => finding(tcp(one.destination.address, 6432), inRange));
    const one = finding(tcp(addresses[0]!, 22), inRange);
    const made = networks([...five, ...other, one]);
    expect(made[0] && ports(made[0].manifest)).toEqual(["5432 tcp-5432 TCP", "6432 tcp-6432 TCP"]);
    expect(made.at(-1)).toBeNull();
  });

  it("may be of IPv6", () => {
    const long = [1, 2, 3, 4, 5].map((last) =>
      finding(tcp(`2001:db8:1::${last}`), { names: [range("2001:db8:1::/48")] }),
    );
    const [wide] = networks(long);
    expect(wide && spec(wide.manifest)).toMatchObject({
      hosts: ["net-2001-db8-1-0-0-0-0-0-48.egress.internal"],
      addresses: ["2001:db8:1::/48"],
    });
    expect(wide?.warnings.join()).toContain("all 2^80 addresses");
    expect(admitAll(wide!.manifest)).toEqual([]);
  });

  it("count in a wider network that another's list knows, too", () => {
    const wider = finding(tcp("203.0.112.9"), { names: [range("203.0.112.0/23")] });
    const made = networks([...five, wider]);
    expect(made.map((one) => one && spec(one.manifest).addresses)).toEqual([
      ...Array(5).fill([network]),
      ["203.0.112.0/23"],
    ]);
  });
});

describe("there is no entry for a network", () => {
  it("with four addresses, however often they are called", () => {
    const four = five.slice(0, 4);
    const again = four.map((one) => finding(one.destination, { ...inRange, source: source({ workload: "refunds" }) }));
    expect(count(networks([...four, ...again]))).toBe(0);
    expect(count(networks([...four, finding(tcp(addresses[4]!, 5433), inRange)]))).toBe(0);
  });

  it("of two namespaces or clusters together", () => {
    for (const change of [{ namespace: "web" }, { cluster: "test" }]) {
      const far = finding(tcp(addresses[4]!), { ...inRange, source: source(change) });
      expect(count(networks([...five.slice(0, 4), far]))).toBe(0);
    }
  });

  it("whose provider nobody knows, or that the address is not in", () => {
    expect(count(networks(addresses.map((address) => finding(tcp(address)))))).toBe(0);
    const { network: _, ...nameless } = range();
    expect(count(networks(addresses.map((address) => finding(tcp(address), { names: [nameless] }))))).toBe(0);
    const elsewhere = { names: [range("198.51.100.0/24")] };
    expect(count(networks(addresses.map((address) => finding(tcp(address), elsewhere))))).toBe(0);
  });

  it("for what has a name, or is HTTP", () => {
    const named = { names: [name("db.example.com", "ptr", "confirmed"), range()] };
    expect(count(networks(addresses.map((address) => finding(tcp(address), named))))).toBe(0);
    expect(count(networks(addresses.map((address) => finding(literal(address, 5432), inRange))))).toBe(0);
    const remembered = addresses
      .slice(1)
      .map((address) => sighting(tcp(address), { name: name("db.example.com", "ptr", "confirmed") }));
    expect(count(networks([finding(tcp(addresses[0]!), inRange)], remembered))).toBe(0);
  });

  it("out of what no manifest may rest on", () => {
    const spread = finding(tcp(addresses[4]!), { ...inRange, kind: "fan-out" });
    const found = [...five.slice(0, 4), spread];
    expect(count(networks(found, [sighting(spread.destination, { key: spread.key })]))).toBe(0);
  });
});

describe("a provider's network", () => {
  it.each([
    ["203.0.113.77/24", "203.0.113.0/24"],
    ["2001:db8::1/32", "2001:db8::/32"],
    ["3.0.0.0/9", "3.0.0.0/9"],
  ])("is %s, written %s", (text, wanted) => {
    expect(providerNetwork(text)).toBe(wanted);
  });

  it.each([
    "0.0.0.0/0",
    "::/0",
    "172.0.0.0/8",
    "192.0.0.0/8",
    "160.0.0.0/3",
    "10.1.0.0/16",
    "240.240.0.0/16",
    "2001::/16",
    "fd00::/8",
    "junk",
    "203.0.113.7",
    "203.0.113.0/33",
  ])("is never %s, which holds inside addresses or is none", (text) => {
    expect(providerNetwork(text)).toBeNull();
  });

  it("has a size", () => {
    expect(
      ["203.0.113.7/32", "203.0.113.0/24", "3.0.0.0/8", "3.0.0.0/7", "2001:db8::/32", "2001:db8::7/128"].map(sizeOf),
    ).toEqual([...["1", "256", "16777216", "2^25", "2^96", "1"]]);
    expect(networkAround("203.0.113.7", 33)).toBeNull();
  });
});
