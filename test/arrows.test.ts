import { execFile } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "./tools/temp.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = tempFolder("arrows");
afterAll(() => folder.remove());

/** What dependency-cruiser says of the copy, as `RULE in FILE`, and how many files it read. */
async function cruise(): Promise<{ broken: string[]; read: number }> {
  const args = [
    "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs",
    "lib",
    "functions",
    "bin",
    "page",
    "--output-type",
    "json",
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder.path, maxBuffer: 1 << 27 }).catch(
    (failed: { stdout: string }) => failed,
  );
  const { summary, modules } = JSON.parse(stdout);
  const own = modules.filter((one: { source: string }) => /^(lib|functions|bin)\//.test(one.source));
  const broken = summary.violations.map(
    (one: { rule: { name: string }; from: string }) => `${one.rule.name} in ${one.from}`,
  );
  return { broken, read: own.length };
}

beforeAll(() => {
  for (const name of ["lib", "functions", "bin", "page", "package.json", "tsconfig.json", ".dependency-cruiser.mjs"]) {
    cpSync(join(root, name), join(folder.path, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder.path, "node_modules"));
});

describe("the arrows between folders are checked", () => {
  it("and hold; the checker reads the files", async () => {
    const { broken, read } = await cruise();
    expect(broken).toEqual([]);
    expect(read).toBeGreaterThan(80);
  });
});

describe("each of its rules", () => {
  const planted: { rule: string; file: string; text: string }[] = [
    {
      rule: "stages-are-strangers",
      file: "lib/detect/planted.ts",
      text: 'export { toYaml } from "../suggest/yaml.ts";',
    },
    { rule: "stages-look-down", file: "lib/detect/planted.ts", text: 'export { wire } from "../wire.ts";' },
    { rule: "page-is-the-browsers", file: "page/planted.ts", text: 'export { wire } from "../lib/wire.ts";' },
    { rule: "no-one-imports-the-page", file: "bin/planted.ts", text: 'export { span } from "../page/words.ts";' },
    { rule: "model-imports-nothing", file: "lib/errors.ts", text: 'export { printable } from "./words/printable.ts";' },
    {
      rule: "words-look-nowhere-else",
      file: "lib/words/host.ts",
      text: 'export { toYaml } from "../suggest/yaml.ts";',
    },
    {
      rule: "words-look-nowhere-else",
      file: "lib/policy/planted.ts",
      text: 'export { detect } from "../detect/index.ts";',
    },
    {
      rule: "istio-looks-nowhere-else",
      file: "lib/istio/planted.ts",
      text: 'export { toYaml } from "../suggest/yaml.ts";',
    },
    {
      rule: "no-one-else-asks-istio",
      file: "lib/detect/planted.ts",
      text: 'export { lint } from "../istio/lint/index.ts";',
    },
    {
      rule: "config-knows-no-stage",
      file: "lib/config/planted.ts",
      text: 'export { detect } from "../detect/index.ts";',
    },
    { rule: "scout-knows-ports-not-adapters", file: "lib/scout.ts", text: 'export { dns } from "./enrich/dns.ts";' },
    {
      rule: "doctor-knows-ports-not-adapters",
      file: "lib/doctor/planted.ts",
      text: 'export { openStore } from "../remember/index.ts";',
    },
    { rule: "no-one-asks-the-doctor", file: "lib/scout.ts", text: 'export { examine } from "./doctor.ts";' },
    {
      rule: "api-knows-ports-not-adapters",
      file: "lib/api/planted.ts",
      text: 'export { slackReplies } from "../notify/slack-reply.ts";',
    },
    { rule: "no-one-asks-the-api", file: "lib/scout.ts", text: 'export { api } from "./api/app.ts";' },
    {
      rule: "propose-looks-down",
      file: "lib/propose/planted.ts",
      text: 'export { toYaml } from "../suggest/yaml.ts";',
    },
    {
      rule: "propose-knows-the-port-not-adapters",
      file: "lib/propose/planted.ts",
      text: 'export { github } from "./github.ts";',
    },
    { rule: "no-one-asks-for-pull-requests", file: "lib/plan.ts", text: 'export { slug } from "./propose/names.ts";' },
    { rule: "only-wire-picks", file: "bin/planted.ts", text: 'export { sqlite } from "../lib/remember/sqlite.ts";' },
    { rule: "only-adapters-use-node", file: "lib/suggest/planted.ts", text: 'export { readFileSync } from "node:fs";' },
    {
      rule: "one-home-for-each-sdk",
      file: "lib/notify/planted.ts",
      text: 'export { SNSClient } from "@aws-sdk/client-sns";',
    },
    {
      rule: "one-home-for-prometheus-query",
      file: "lib/poll/planted.ts",
      text: 'export { PrometheusDriver } from "prometheus-query";',
    },
    { rule: "not-to-entries", file: "lib/planted.ts", text: 'export { exitCode } from "../bin/failure.ts";' },
    { rule: "not-to-test", file: "bin/planted.ts", text: 'export { admit } from "../test/admission/admit.ts";' },
    { rule: "not-to-dev-dependency", file: "bin/planted.ts", text: 'export { test } from "fast-check";' },
    { rule: "no-circular", file: "lib/detect/finding-id.ts", text: 'export { newBlocked } from "./new-blocked.ts";' },
    { rule: "no-orphans", file: "lib/planted.ts", text: "export const nobody = 1;" },
  ];
  /** All are planted at once, each new file under its own name: a cruise reads everything, and takes its time. */
  const rows = planted.map(({ file, ...one }, at) => ({ ...one, file: file.replace("planted", `planted-${at}`) }));
  let broken: readonly string[] = [];

  beforeAll(async () => {
    cpSync(join(root, "test"), join(folder.path, "test"), { recursive: true });
    for (const { file, text } of rows) {
      mkdirSync(dirname(join(folder.path, file)), { recursive: true });
      appendFileSync(join(folder.path, file), `\n${text}\n`);
    }
    ({ broken } = await cruise());
  });

  it.each(rows)("$rule catches a line planted in $file", ({ rule, file }) => {
    expect(broken).toContain(`${rule} in ${file}`);
  });
});
