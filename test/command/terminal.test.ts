/** What is printed on a real terminal, of any width, and in a pipe. */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { displayWidth } from "../../lib/report/width.ts";
import { startDns } from "../tools/dns.ts";
import { onTerminal } from "../tools/terminal.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { type RunOptions, runScout, scanJson } from "./run-scout.ts";

const minute = 60_000;
const end = Date.UTC(2026, 10, 20, 12);
const long = "a-host-name-that-no-narrow-terminal-shows-whole.of-a-long-domain.example.com";
const manifest = (name: string, host: string) => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: shop }
spec: { hosts: [${host}], ports: [{ number: 80, name: http, protocol: HTTP }], resolution: DNS, exportTo: ["."] }
`;

describe("on a terminal", () => {
  let held: HeldPast;
  let dns: Awaited<ReturnType<typeof startDns>>;
  let scan: string[];
  let planned: string[];

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => {
        const web = mesh.pod({ namespace: "shop", workload: "a-workload-with-a-rather-long-name" });
        const job = mesh.pod({ namespace: "batch", workload: "job" });
        timetable.at(end - 8 * minute, () => {
          web.http({ host: long, to: "198.51.100.20:80", times: 7 });
          web.http({ host: "cdn.example.net", to: "198.51.100.21:80" });
          job.tcp({ to: "203.0.113.9:5432", times: 3 });
          job.http({ host: "evil\u001b[2J\u202e.example", to: "198.51.100.66:80" });
          job.tcp({ to: "203.0.113.8:25", blocked: true });
        });
      },
      { from: end - 30 * minute, to: end, everyMs: 15_000 },
    );
    dns = await startDns({});
    const config = join(held.dir, "config.yaml");
    const owners = [
      { match: { namespace: "shop", workload: "*" }, team: "店舗チーム 🛒\u202e\u001b[31m" },
      { team: "platform" },
    ];
    writeFileSync(
      config,
      JSON.stringify({ clusters: [{ name: "prod", prometheus: { url: held.prometheus.url } }], owners }),
    );
    mkdirSync(join(held.dir, "manifests"));
    writeFileSync(join(held.dir, "manifests", "cdn.yaml"), manifest("cdn", "cdn.example.net"));
    const common = ["--config", config, "--dns", dns.server, "--at", `${end / 1000}`];
    scan = ["scan", ...common, "--no-learn", "--since", "10m", "--state", "memory:"];
    planned = ["plan", ...common, "--since", "20m", "--existing", join(held.dir, "manifests")];
  });
  afterAll(async () => {
    await dns.stop();
    await held.stop();
  });

  async function shown(args: readonly string[], columns: number, env: Record<string, string> = {}) {
    const terminal = onTerminal(args, { columns, env });
    expect(await terminal.ended).toBe(0);
    const plain = stripVTControlCharacters(terminal.text).replaceAll("\r\n", "\n");
    return { text: terminal.text, plain, lines: plain.trimEnd().split("\n") };
  }
  /** The tables' lines: a manifest and its comments, and a word that is longer than the line, are never cut. */
  const tables = (lines: readonly string[]) =>
    lines.slice(
      0,
      lines.findIndex((one) => one.startsWith("- ")),
    );

  it.each([40, 80, 200])("no line of a table is wider than %d cells, and every id is there whole", async (columns) => {
    const ids = (await scanJson(scan.slice(1))).findings.map(({ id }) => id);
    const { lines, plain } = await shown(scan, columns);
    expect(ids).toHaveLength(5);
    for (const id of ids) expect(plain).toContain(`[${id}]`);
    for (const line of tables(lines)) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    expect(tables(lines).join("\n").includes(long)).toBe(columns === 200);
    const step = / {2}egress-scout verdict set [0-9a-f]{32} expected/.source;
    const why = / {2}# or approved, denied, snoozed/.source;
    expect(plain).toMatch(new RegExp(columns === 200 ? `^${step} ${why}$` : `^${why}\n${step}$`, "m"));
    expect(plain).toMatch(/^platform: 3 warning$/m);
    expect(plain).toMatch(/^店舗チーム 🛒\\u202e\\u001b\[31m: 2 info$/m);
  });

  it.each([40, 80, 120, 200])("a plan's bars and what would break fit %d cells", async (columns) => {
    const { lines, plain } = await shown(planned, columns);
    const first = lines.findIndex((one) => one.startsWith("NAMESPACE"));
    for (const line of lines.slice(first)) expect([line, displayWidth(line) <= columns]).toEqual([line, true]);
    // The least ready first, and a bar that is neither empty nor full where some is covered.
    expect(plain).toMatch(/\nbatch +░{10} {3}0 % +2 .*\nshop +█{5}░{5} {2}50 % +1 /);
    // A sentence is not cut in its middle.
    expect(plain.replaceAll(/\s+/g, " ")).toContain("sent as Host is no host name: no ServiceEntry can name it.");
  });

  it("colours severities, unless NO_COLOR; and draws with ASCII where the locale has no more", async () => {
    const { text } = await shown(scan, 80);
    expect(text).toContain("\u001b[33mwarning");
    for (const one of ["\u001b[2J", "\u202e", "\u001b[31m"]) expect(text).not.toContain(one);
    expect((await shown(scan, 80, { NO_COLOR: "1" })).text).not.toContain("\u001b[3");
    const { plain } = await shown(planned, 80, { LC_ALL: "C" });
    expect(plain).toMatch(/^[ -~\n店舗チームー🛒]*$/u);
    expect(plain).toMatch(/\nshop +#{5}\.{5} {2}50 % +1 /);
  });

  it("gives a pipe everything whole, without a colour", async () => {
    const options: RunOptions = { env: { COLUMNS: "40", TERM: "xterm", FORCE_COLOR: "1" } };
    const { stdout, stderr, code } = await runScout(scan, options);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      new RegExp(`^ {2}info +new-destination +shop/a-workload-with-a-rather-long-name +${long}:80 http +7 `, "m"),
    );
    expect(stdout).not.toMatch(/[^\P{C}\n]|…/u);
  });

  it("prints manifests that are YAML as they stand there, blanks before them and all", async () => {
    const { stdout } = await runScout(scan);
    const blocks = [...stdout.matchAll(/^ {2}manifest \(.*\):\n((?: {4}.*\n)+)/gm)].map(([, block = ""]) => block);
    expect(blocks.length).toBeGreaterThan(2);
    for (const block of blocks) {
      const [document, ...others] = parseAllDocuments(block, { version: "1.1" });
      expect([others, document?.errors]).toEqual([[], []]);
      expect(document?.toJS()).toMatchObject({ kind: "ServiceEntry" });
    }
    const next = /^ {2}egress-scout verdict set ([0-9a-f]{32}) expected/m.exec(stdout);
    expect(stdout).toContain(`[${next?.[1]}]`);
  });

  it("shows what takes long on stderr, with cluster and time, and wipes it; elsewhere nothing of it", async () => {
    // It lets Prometheus' own answer through when the test says so.
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const slow = createServer((request, response) => {
      const body: Buffer[] = [];
      request.on("data", (piece: Buffer) => body.push(piece));
      request.on("end", async () => {
        await gate;
        const { url, method = "GET", headers } = request;
        const asked = { method, headers: { "content-type": headers["content-type"] ?? "" }, body: Buffer.concat(body) };
        const answer = await fetch(new URL(url ?? "/", held.prometheus.url), method === "GET" ? { method } : asked);
        response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
      });
    });
    await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
    const args = [
      "scan",
      "--prometheus",
      url,
      "--cluster",
      "prod",
      "--at",
      `${end / 1000}`,
      "--no-learn",
      "--since",
      "10m",
    ];
    const terminal = onTerminal([...args, "--state", "memory:", "--format", "json"], {
      columns: 80,
      redirect: `>${join(held.dir, "out.json")}`,
    });
    await terminal.until((text) => /prod: asking Prometheus: 0 of \d+ questions answered \([1-9] s\)/.test(text));
    open();
    expect(await terminal.ended).toBe(0);
    // What is left when the escapes are obeyed: the last thing on the line is that it was wiped.
    expect(terminal.text.endsWith("\r\u001b[2K")).toBe(true);
    const { stderr, stdout } = await runScout([...args, "--state", "memory:", "--format", "json"]);
    expect([stderr, JSON.parse(stdout).schema]).toEqual(["", "egress-scout/scan@1"]);
    slow.close();
    slow.closeAllConnections();
  });
});
