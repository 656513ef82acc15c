/** (d) Names: the resolver beside dnsperf, and networks beside the usual ways to find them. */
import { type Row, rowOf } from "../row.ts";
import type { DnsRow } from "./dns.ts";
import type { RangeRow } from "./ranges.ts";

export function nameRows(lookUps: readonly DnsRow[], ranges: readonly RangeRow[]): Row[] {
  const [first] = ranges;
  const tried = ranges.filter((one) => one.timesAsLong !== null && one.otherWay?.startsWith("a Map"));
  return [
    ...lookUps.map(({ concurrency, ours, dnsperf }) =>
      rowOf("d", {
        figure: `PTR look-ups, ${concurrency} at once`,
        unit: "a second",
        ours,
        baseline: dnsperf,
        against: "dnsperf on the same server",
      }),
    ),
    ...tried.map(({ name, nsPerLookUp, timesAsLong, otherWay }) =>
      rowOf("d", {
        ...{
          figure: `one of 120,000 ${name}`,
          unit: "ns",
          ours: nsPerLookUp,
          baseline: nsPerLookUp * (timesAsLong ?? Number.NaN),
        },
        ...{ against: otherWay ?? "", limit: { of: "ours", most: 1000 } },
      }),
    ),
    ...(first?.cold == null
      ? []
      : [
          rowOf("d", {
            ...{
              figure: "120,000 ranges read, in a process of its own",
              unit: "ms",
              ours: first.cold.loadMs,
              baseline: first.cold.jsonParseMs,
            },
            ...{ against: "reading the files and JSON.parse alone", limit: { of: "ours", most: 200 } },
          }),
        ]),
  ];
}
