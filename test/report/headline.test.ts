/** The page's first line, part by part. */
import { describe, expect, it } from "vitest";
import type { PageFlow } from "../../lib/report/page/data.ts";
import { headlineOf } from "../../lib/report/page/headline.ts";
import type { ClusterTold } from "../../lib/report/page/told.ts";
import { finding } from "../notify/sample.ts";

const minute = 60_000;
const lastRun = Date.UTC(2026, 10, 22, 10);
const flow = (change: Partial<PageFlow>) =>
  ({ namespace: "shop", workload: "web", isBlocked: false, isNew: false, ...change }) as PageFlow;
const told = { cluster: "prod", lastRun, open: [], leftOut: 0, namespaces: [] };

function line(
  change: Partial<Pick<ClusterTold, "lastRun" | "open" | "namespaces">> = {},
  {
    flows = [flow({})],
    isCoverageKnown = true,
    at = lastRun,
  }: { flows?: PageFlow[]; isCoverageKnown?: boolean; at?: number } = {},
): string[] {
  const said = headlineOf({ ...told, ...change }, flows, { destinations: 1, isCoverageKnown, at });
  return said.slice("prod: ".length, -1).split("; ");
}

describe("the page's first line", () => {
  it("says how many findings are open, and how many of them are critical", () => {
    const [warning, critical] = [finding({ severity: "warning" }), finding({ severity: "critical" })];
    expect(line()[0]).toBe("no finding is open");
    expect(line({ open: [warning] })[0]).toBe("1 finding open");
    expect(line({ open: [warning, critical, critical] })[0]).toBe("3 findings open, 2 critical");
  });

  it("counts a flow that is blocked and new as blocked alone", () => {
    const flows = [
      flow({ isBlocked: true, isNew: true }),
      flow({ isNew: true, workload: "job" }),
      flow({ isBlocked: true }),
    ];
    expect(line({}, { flows })[1]).toBe("3 flows from 2 workloads to 1 destination: 2 blocked, 1 new in the last day");
  });

  it("rounds what is covered down, and where nothing passes all of it is", () => {
    const namespaces = [{ namespace: "shop", flows: 300, covered: 299, closed: 299, blocked: 0 }];
    expect(line({ namespaces })[2]).toBe("99 % covered");
    expect(line()[2]).toBe("100 % covered");
    expect(line({}, { isCoverageKnown: false })[2]).toBe("coverage not known");
  });

  it.each([
    [minute - 1, "less than a minute"],
    [minute, "1m"],
    [60 * minute - 1, "59m"],
    [48 * 60 * minute - 1, "1d23h"],
    [50 * 60 * minute, "2d"],
  ])("says that a run ended %d ms ago: %s", (back, ago) => {
    const said = line({}, { at: lastRun + back })[3];
    expect(said).toBe(`the last run ended at 2026-11-22 10:00 UTC (${ago} before this page was made)`);
  });

  it("says that no run has ended", () => {
    expect(line({ lastRun: null })[3]).toBe("no run has ended yet");
  });
});
