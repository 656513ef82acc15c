/** The same runs with the state in DynamoDB and in a file, by the built command. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";
import { type Dynamodb, startDynamodb } from "../tools/dynamodb.ts";
import { tempFolder } from "../tools/temp.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { runScout, scanJson } from "./run-scout.ts";

const minute = 60_000;
const end = Date.UTC(2026, 10, 20, 12);
const seconds = (time: number) => String(time / 1000);

describe("--state dynamodb:TABLE", () => {
  const folder = tempFolder("dynamodb");
  let held: HeldPast;
  let local: Dynamodb;
  beforeAll(async () => {
    local = await startDynamodb();
    held = await holdPast(
      (mesh, timetable) => {
        const web = mesh.pod({ namespace: "shop", workload: "web" });
        timetable.at(end - 30 * minute, () => web.http({ host: "known.example.com", to: "198.51.100.1:80", times: 3 }));
        timetable.at(end - 13 * minute, () => web.http({ host: "new.example.com", to: "198.51.100.2:80" }));
        timetable.at(end - 8 * minute, () => web.tcp({ to: "203.0.113.4:5432" }));
      },
      { from: end - 50 * minute, to: end, everyMs: 15_000 },
    );
  });
  afterAll(async () => {
    await held.stop();
    await local.stop();
    folder.remove();
  });

  const scan = (state: string, at: number, ...more: string[]) =>
    scanJson(
      [
        "--prometheus",
        held.prometheus.url,
        "--dns",
        "127.0.0.1:1",
        "--learn",
        "1h",
        "--state",
        state,
        "--at",
        seconds(at),
        ...more,
      ],
      { cwd: folder.path, env: local.env },
    );
  const rest = ({ run: { id: _, ...run }, ...document }: ScanDocument) => ({ run, ...document });

  it("learns, finds, and stays quiet as with a file", async () => {
    const states = [`dynamodb:${await local.table()}`, `sqlite:${join(folder.path, "state.db")}`];
    const documents: unknown[] = [];
    for (const state of states) {
      const all: unknown[] = [];
      for (const ago of [15, 10, 5, 0]) all.push(rest(await scan(state, end - ago * minute)));
      documents.push(all);
    }
    expect(documents[0]).toEqual(documents[1]);
    expect(documents[0]).toMatchObject([
      { run: { mode: "learn" } },
      { findings: [{ kind: "new-destination", destination: { host: "new.example.com" } }] },
      { findings: [{ kind: "new-destination", destination: { address: "203.0.113.4" } }] },
      { findings: [] },
    ]);
  });

  it("serves verdict, report and doctor as well, and a dry run writes nothing", async () => {
    const state = `dynamodb:${await local.table()}`;
    await scan(state, end - 15 * minute);
    const { findings } = await scan(state, end - 10 * minute, "--dry-run");
    local.forget();
    await scan(state, end - 10 * minute, "--dry-run");
    expect([...local.written]).toEqual([]);
    const id = findings[0]?.id ?? "";
    const at = { cwd: folder.path, env: local.env };
    const set = await runScout(["verdict", "set", id, "expected", "--force", "--state", state], at);
    expect(set).toMatchObject({ code: 0, stderr: "" });
    expect((await scan(state, end - 10 * minute)).findings).toMatchObject([{ id, verdict: { verdict: "expected" } }]);
    const report = await runScout(["report", "--format", "json", "--state", state], at);
    expect(JSON.parse(report.stdout)).toMatchObject({ clusters: [{ cluster: "default" }], verdicts: [{ id }] });
    const doctor = await runScout(
      ["doctor", "--format", "json", "--prometheus", held.prometheus.url, "--state", state],
      at,
    );
    const checks: { name: string; status: string }[] = JSON.parse(doctor.stdout).checks;
    expect(checks.find(({ name }) => name === "store")).toMatchObject({ status: "ok" });
  });

  it("without a table, a region, credentials or a name says what to do", async () => {
    const run = (state: string, env: Record<string, string>) =>
      runScout(["scan", "--prometheus", held.prometheus.url, "--state", state], {
        cwd: folder.path,
        env: { HOME: folder.path, ...env },
      });
    const { AWS_REGION: _, ...noRegion } = local.env;
    const { AWS_ACCESS_KEY_ID: __, ...noKey } = local.env;
    const said = [
      [
        await run("dynamodb:not-there", local.env),
        1,
        /store\/unavailable.*no such table[\s\S]*aws dynamodb create-table/,
      ],
      [await run("dynamodb:not-there", noRegion), 1, /store\/unavailable.*no AWS region[\s\S]*AWS_REGION/],
      [
        await run("dynamodb:not-there", { ...noKey, AWS_EC2_METADATA_DISABLED: "true" }),
        1,
        /store\/unavailable.*no AWS credentials/,
      ],
      [await run("dynamodb:no", local.env), 2, /usage.*no table's name/],
    ] as const;
    for (const [ended, code, text] of said) {
      expect(ended.stderr).toMatch(text);
      expect(ended.code).toBe(code);
    }
  });

  it("on Lambda: the bundle runs, and while it does its lease ends with the function's limit", async () => {
    const table = await local.table();
    const leases: number[] = [];
    local.fault = async ({ action }) => {
      if (action !== "Query" && action !== "PutItem") return null;
      const key = { pk: { S: "heads" }, sk: { S: "default" } };
      const { Item } = await local.client.send(new GetItemCommand({ TableName: table, Key: key }));
      if (Item?.until?.N !== undefined) leases.push(Number(Item.until.N));
      return null;
    };
    const bundle = fileURLToPath(new URL("../../dist/functions/poll/index.mjs", import.meta.url));
    const limit = 20_000;
    const script = `import { writeFileSync } from "node:fs"; import { handler } from ${JSON.stringify(bundle)};
      writeFileSync("lambda.yaml", 'clusters: [{ name: default, prometheus: { url: "${held.prometheus.url}" } }]');
      const context = { getRemainingTimeInMillis: () => ${limit} };
      console.log(JSON.stringify([Date.now(), await handler({ at: ${seconds(end)} }, context)]));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      cwd: folder.path,
      env: {
        ...local.env,
        EGRESS_SCOUT_CONFIG: join(folder.path, "lambda.yaml"),
        EGRESS_SCOUT_STATE: `dynamodb:${table}`,
      },
    });
    local.fault = () => null;
    const [began, document]: [number, ScanDocument] = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
    expect(document.run.mode).toBe("learn");
    expect(leases.length).toBeGreaterThan(0);
    // By more than this test takes to begin.
    for (const until of leases) expect(until).toBeLessThan(began + limit);
  });
});
