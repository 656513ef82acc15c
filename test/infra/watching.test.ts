/** The alert rules and the dashboard for egress-scout itself, by real programs. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { exposition } from "../../lib/report/exposition.ts";
import { failedMetrics, ownMetricNames, ownMetrics } from "../../lib/report/self.ts";
import { told } from "../report/make.ts";
import { ensureTools, toolPath } from "../tools/ensure.ts";
import { createBlocks, type Prometheus, startPrometheus } from "../tools/prometheus.ts";
import { tempFolder } from "../tools/temp.ts";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const rules = at("infra/prometheus/alerts.yaml");
const tests = at("test/infra/alerts-rules.yaml");
const promtool = (...args: string[]) => execFileSync(toolPath("promtool"), args, { encoding: "utf8", stdio: "pipe" });
const namesIn = (promql: string) => [...promql.matchAll(/egress_scout_[a-z_]+/g)].map(([name]) => name);

describe("infra/prometheus/alerts.yaml", () => {
  beforeAll(() => ensureTools(["promtool"]));
  const alerts: { alert: string; expr: string }[] = parse(readFileSync(rules, "utf8")).groups[0].rules;

  it("is right to promtool, and each alert fires and does not fire as it should", () => {
    expect(promtool("check", "rules", rules)).toContain(`${alerts.length} rules found`);
    expect(promtool("test", "rules", tests)).toContain("SUCCESS");
  });

  it("has both for every alert among its tests", () => {
    const cases: { alertname: string; exp_alerts: unknown[] }[] = parse(readFileSync(tests, "utf8")).tests.flatMap(
      (one: { alert_rule_test: unknown[] }) => one.alert_rule_test,
    );
    for (const { alert } of alerts) {
      const counts = cases.filter(({ alertname }) => alertname === alert).map((one) => one.exp_alerts.length);
      expect([alert, counts.includes(0), counts.some((count) => count > 0)]).toEqual([alert, true, true]);
    }
  });

  it("asks for metrics that there are", () => {
    for (const { expr } of alerts) for (const name of namesIn(expr)) expect(ownMetricNames).toContain(name);
  });
});

interface Panel {
  id: number;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string }[];
}

describe("infra/grafana/egress-scout.json", () => {
  const folder = tempFolder("dashboard");
  const dashboard = JSON.parse(readFileSync(at("infra/grafana/egress-scout.json"), "utf8"));
  const panels: Panel[] = dashboard.panels;
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  let prometheus: Prometheus;

  beforeAll(async () => {
    await ensureTools(["prometheus", "promtool"]);
    const span = { startedAt: now - 2_000, endedAt: now };
    const run = told({ newest: now - 60_000, open: 1, undelivered: 0 });
    const text = exposition([...ownMetrics(run, span, ["slack"]), ...failedMetrics("other", "store/busy", span)])
      .split("\n")
      .map((line) => (line === "" || line.startsWith("#") ? line : `${line} ${now / 1000}`))
      .join("\n");
    await createBlocks([text, "# EOF\n"], folder.path);
    prometheus = await startPrometheus({ dir: folder.path });
  });
  afterAll(async () => {
    await prometheus.stop();
    folder.remove();
  });

  it("has an answer to each of its questions in a real Prometheus", async () => {
    for (const { title, targets } of panels) {
      for (const { expr } of targets) {
        const rows = await prometheus.query(expr.replaceAll("$cluster", ".*"), now);
        expect([title, expr, rows.length > 0]).toEqual([title, expr, true]);
      }
    }
  });

  it("shows every metric there is, and asks for no other", () => {
    const asked = new Set(panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => namesIn(expr))));
    expect([...asked].sort()).toEqual([...ownMetricNames].sort());
    expect(ownMetricNames).toContain(namesIn(dashboard.templating.list[1].query.query)[0]);
  });

  it("is laid out so that no panel hides another, within the width", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const [index, { gridPos: a }] of panels.entries()) {
      expect(a.x + a.w).toBeLessThanOrEqual(24);
      for (const { gridPos: b } of panels.slice(index + 1)) {
        const isApart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(isApart).toBe(true);
      }
    }
  });
});
