/** Lists of ranges and of autonomous systems, from files: loaded when first asked, once, and whatever is wrong with them is a warning. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listNetworks } from "../../lib/enrich/list-networks.ts";
import { apart, cdn } from "../../lib/enrich/networks.ts";
import { aws, azure } from "./ranges/samples.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lists-"));
  mkdirSync(join(folder, "ranges"));
  writeFileSync(join(folder, "ranges", "aws.json"), JSON.stringify(aws));
  writeFileSync(join(folder, "ranges", "acme-cloud.txt"), "192.0.2.0/25\n");
  writeFileSync(join(folder, "azure.json"), JSON.stringify(azure));
  writeFileSync(
    join(folder, "asn.csv"),
    '192.0.2.0,192.0.2.255,64500,"Example, Inc."\n198.51.100.128,198.51.100.255,64501,"CLOUDFLARENET"\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const lists = (ranges: string[], asns: string[] = []) =>
  listNetworks({
    ranges: ranges.map((one) => join(folder, one)),
    asns: asns.map((one) => join(folder, one)),
    cache: join(folder, "cache"),
    now: Date.UTC(2026, 10, 22),
  });

describe("names and marks", () => {
  it("are of the range and of the AS", async () => {
    const networks = lists(["ranges"], ["asn.csv"]);
    expect((await networks.names("192.0.2.7")).map(({ name, from, trust }) => [name, from, trust])).toEqual([
      ["acme-cloud", "range", "generic"],
      ["AS64500 Example, Inc.", "asn", "generic"],
    ]);
    expect([...(await networks.marks("192.0.2.7"))]).toEqual(["acme-cloud", "AS64500"]);
    expect(networks.warnings()).toEqual([]);
  });

  it("tell a CDN by the list's service or by the name of the AS", async () => {
    const networks = lists(["ranges", "azure.json"], ["asn.csv"]);
    expect([...(await networks.marks("198.51.100.7"))]).toEqual(["AWS", cdn]);
    expect([...(await networks.marks("198.51.100.200"))]).toEqual(["AS64501", cdn]);
    expect([...(await lists(["azure.json"]).marks("192.0.2.7"))]).toEqual(["Azure", cdn]);
    expect([...(await networks.marks("203.0.113.7"))]).not.toContain(cdn);
  });

  it("are none where no list knows the address, and none of the inside", async () => {
    const networks = lists(["ranges"], ["asn.csv"]);
    expect(await networks.names("203.0.114.7")).toEqual([]);
    expect([...(await networks.marks("203.0.114.7"))]).toEqual([]);
    expect(await networks.names("10.0.0.1")).toEqual([]);
  });

  it("are of one provider across families and services", async () => {
    const networks = lists(["ranges"]);
    const [four, six, edge, acme] = await Promise.all(
      ["52.94.0.1", "2001:db8:a000::1", "198.51.100.7", "192.0.2.7"].map(networks.marks),
    );
    expect([six, edge, acme].map((one) => apart(four ?? new Set(), one ?? new Set()))).toEqual(["near", "near", "far"]);
  });
});

describe("loading", () => {
  it("waits until it is asked, and is done once", async () => {
    const networks = lists(["not-there-yet"]);
    expect(networks.warnings()).toEqual([]);
    writeFileSync(join(folder, "not-there-yet"), "203.0.113.0/24\n");
    const [one, other] = await Promise.all([networks.marks("203.0.113.7"), networks.names("203.0.113.7")]);
    expect([one.size, other.length]).toEqual([1, 1]);
    rmSync(join(folder, "not-there-yet"));
    expect((await networks.marks("203.0.113.8")).size).toBe(1);
    expect(networks.warnings()).toEqual([]);
  });

  it("says which list could not be had, once, and uses the others", async () => {
    const networks = lists(["nowhere", "ranges"], ["ranges/aws.json"]);
    const all = await Promise.all(Array.from({ length: 9 }, () => networks.marks("192.0.2.7")));
    expect(all.map((one) => [...one])).toEqual(Array(9).fill(["acme-cloud"]));
    expect(networks.warnings()).toHaveLength(2);
    expect(networks.warnings().join("\n")).toMatch(/nowhere.*aws\.json/s);
  });

  it("without any list says nothing", async () => {
    const networks = lists([]);
    expect([await networks.names("203.0.113.7"), (await networks.marks("203.0.113.7")).size]).toEqual([[], 0]);
    expect(networks.warnings()).toEqual([]);
  });
});
