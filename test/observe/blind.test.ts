import { describe, expect, it } from "vitest";
import type { Labels } from "../../lib/model.ts";
import { blindSpots } from "../../lib/observe/blind.ts";
import { http, names, row, tcp } from "./make.ts";

const bare = tcp("", { destination_ip: "unknown" });
const sni = { requested_server_name: "a.example.com" };
const seen = (...labels: Labels[]) =>
  blindSpots([{ counter: "opened", series: labels.map((one) => row(one)) }], names).map((one) => one.code);

describe("observe/blind", () => {
  it("sees all where every connection tells its address and one its SNI", () => {
    expect(seen(tcp("203.0.113.7:443", sni), tcp("203.0.113.8:443"))).toEqual([]);
    expect(seen(tcp("", { destination_ip: "203.0.113.7", ...sni }))).toEqual([]);
  });

  it("says that no label tells addresses, or in how many rows", () => {
    expect(seen(bare)).toEqual(["no-address", "no-sni"]);
    const some = blindSpots([{ counter: "closed", series: [row(bare), row(tcp("203.0.113.7:443", sni))] }], names);
    expect(some).toEqual([{ code: "some-addresses", text: expect.stringContaining("in 1 of 2 rows") }]);
  });

  it("says that no connection shows an SNI: such a mesh has no label for it", () => {
    expect(seen(tcp("203.0.113.7:443"))).toEqual(["no-sni"]);
    expect(seen(tcp("203.0.113.7:443", { requested_server_name: "unknown" }))).toEqual(["no-sni"]);
  });

  it("says nothing of connections where there are none", () => {
    expect(blindSpots([], names)).toEqual([]);
    expect(blindSpots([{ counter: "requests", series: [row(http("a.example.com"))] }], names)).toEqual([]);
  });

  it("says each thing once, however many counters show it", () => {
    const series = [row(bare)];
    const both = blindSpots(
      [
        { counter: "opened", series },
        { counter: "closed", series },
      ],
      names,
    );
    expect(both.map((one) => one.code)).toEqual(["no-address", "no-sni"]);
  });
});
