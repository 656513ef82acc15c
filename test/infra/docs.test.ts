/** docs/aws-deploy.md says all that serverless.yml takes and makes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ownMetrics } from "../../lib/report/self.ts";
import { told } from "../report/make.ts";
import { tempFolder } from "../tools/temp.ts";
import { pack } from "./pack.ts";
import { everything } from "./variants.ts";

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");
const page = read("docs/aws-deploy.md");

interface Config {
  params: Record<string, Record<string, unknown>>;
}
const quoted = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => String(name));

const metricsTold = /CloudWatch: own metrics \| 2, and (\d+) for each cluster[^|]*\| (\d+) \| (\d+) \|/;

/** The table of a section: what its first column names, with the second column. */
function table(section: string): [string, string][] {
  const [text = ""] = (page.split(`## ${section}\n`)[1] ?? "").split("\n## ");
  return text.split("\n").flatMap((line) => {
    const [, names = "", second = ""] = line.startsWith("| `") ? line.split("|") : [];
    return quoted(names).map((name, index, { length }): [string, string] => [
      name,
      length === 1 ? second : (second.split(",")[index] ?? ""),
    ]);
  });
}

describe("docs/aws-deploy.md", () => {
  it("has every parameter with its default, and no other", () => {
    const { params } = parse(read("serverless.yml"), { logLevel: "error" }) as Config;
    const { default: defaults = {}, dev = {} } = params;
    const told = Object.fromEntries(table("Parameters"));
    expect(Object.keys(told).sort()).toEqual(Object.keys(defaults).sort());
    for (const [name, value] of Object.entries(defaults)) {
      const plain = String(value).replace(/\$\{self:service\}-\$\{sls:stage\}/, "egress-scout-STAGE");
      const [first = "", ofDev] = (told[name] ?? "").split(";");
      expect([name, first.trim()]).toEqual([name, plain === "" ? "none" : `\`${plain}\``]);
      expect([name, quoted(ofDev)]).toEqual([name, name in dev ? [String(dev[name])] : []]);
    }
  });

  it("says what to do at every alarm, and how many there are", async () => {
    const folder = tempFolder("docs");
    const [plain, all] = await Promise.all([
      pack(join(folder.path, "plain"), "prod"),
      pack(join(folder.path, "all"), "prod", everything),
    ]);
    folder.remove();
    const alarms = all
      .all("AWS::CloudWatch::Alarm")
      .map(([, { AlarmName }]) => String(AlarmName).replace("egress-scout-prod-", ""));
    expect(
      table("Alarms, and what to do")
        .map(([name]) => name)
        .sort(),
    ).toEqual(alarms.sort());
    const count = plain.all("AWS::CloudWatch::Alarm").length;
    expect(page).toContain(`CloudWatch: alarms | ${count}, and ${(alarms.length - count) / 2} with each of`);
  }, 180_000);

  it("counts the metrics that CloudWatch is paid for", () => {
    const all = ownMetrics(told({ newest: 0, open: 0, undelivered: 0 }), { startedAt: 0, endedAt: 0 }, []);
    const names = new Set(all.flatMap(({ emf }) => emf?.name ?? []));
    const [, each, one, five] = (metricsTold.exec(page) ?? []).map(Number);
    expect([each, one, five]).toEqual([names.size, 2 + names.size, 2 + 5 * names.size]);
  });
});
