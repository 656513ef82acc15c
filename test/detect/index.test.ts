import { describe, expect, it } from "vitest";
import { detect, detectors } from "../../lib/detect/index.ts";
import type { Observation } from "../../lib/model.ts";
import { Memory } from "../../lib/words/memory.ts";
import { bare, blocked, evidence, observation, sighting } from "./make.ts";

const web = { cluster: "prod", namespace: "shop", workload: "web" };
const of = (workload: string, ...rest: Parameters<typeof observation>) =>
  observation(rest[0], { ...rest[1], source: { ...web, workload } });
const told = (observations: Observation[]) =>
  detect(evidence({ observations })).findings.map(({ severity, kind, source, destination: { host, address, port } }) =>
    [severity, kind, source.workload, host ?? address, port].join(" "),
  );

describe("detect", () => {
  it("has one detector for each kind", () => {
    expect(new Set(detectors.map((one) => one.kind)).size).toBe(detectors.length);
  });

  it("finds nothing in nothing", () => {
    const { findings, opened, closed, habits } = detect(evidence());
    expect({ findings, opened, closed, habits }).toEqual({ findings: [], opened: [], closed: [], habits: [] });
  });

  it("puts the most severe first, then goes by source and destination, whatever the server's order was", () => {
    const all = [
      of("web", { port: 8080 }),
      of("web", { host: "b.example.com" }),
      of("web", { port: 80 }),
      of("api"),
      of("web", blocked),
      of("api", bare("203.0.113.7")),
    ];
    const expected = [
      "warning new-destination api 203.0.113.7 443",
      "warning new-blocked web api.example.com 80",
      "info new-destination api api.example.com 80",
      "info new-destination web api.example.com 80",
      "info new-destination web api.example.com 8080",
      "info new-destination web b.example.com 80",
    ];
    expect(told(all)).toEqual(expected);
    expect(told([...all].reverse())).toEqual(expected);
  });

  it("tells what is part of a fan-out there alone", () => {
    const scan = Array.from({ length: 30 }, (_, n) =>
      observation(n % 2 === 0 ? bare(`203.0.113.${n}`) : { host: `h${n}.example.com`, ...blocked }),
    );
    expect(told([...scan, of("api")])).toEqual([
      "critical fan-out web  ",
      "info new-destination api api.example.com 80",
    ]);
  });

  it("finds nothing twice: what is remembered is not new", () => {
    const all = [observation(), observation(blocked), observation(bare("203.0.113.7"))];
    const memory = new Memory(all.map((one) => sighting(one)));
    expect(detect(evidence({ observations: all, memory })).findings).toEqual([]);
  });
});
