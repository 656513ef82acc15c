/** `--watch`: a live view on a real terminal, and what it is elsewhere, against a mesh that lives and a Prometheus that goes away. */
import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { displayWidth } from "../../lib/report/width.ts";
import { createMesh, type Mesh } from "../mesh/mesh.ts";
import { serve } from "../mesh/serve.ts";
import { startDns } from "../tools/dns.ts";
import { type Prometheus, startPrometheus } from "../tools/prometheus.ts";
import { type TempFolder, tempFolder } from "../tools/temp.ts";
import { onTerminal, type Terminal } from "../tools/terminal.ts";
import { command, runScout } from "./run-scout.ts";

/** What gives the screen back: line breaks, cursor, main screen. */
const restored = "\u001b[?7h\u001b[?25h\u001b[?1049l";
const live = "\u001b[?1049h";

describe("--watch", () => {
  let mesh: Mesh;
  let folder: TempFolder;
  let prometheus: Prometheus;
  let scan: string[];
  const undo: (() => Promise<void> | void)[] = [];
  let terminal: Terminal | null = null;

  beforeAll(async () => {
    folder = tempFolder("watch");
    undo.push(folder.remove);
    mesh = createMesh({ clock: Date.now });
    const web = mesh.pod({ namespace: "shop", workload: "web" });
    web.http({ host: "one.example.com", to: "198.51.100.1:80", times: 3 });
    const served = await serve(mesh);
    undo.push(served.stop);
    const dns = await startDns({});
    undo.push(dns.stop);
    prometheus = await startPrometheus({ dir: join(folder.path, "prometheus"), jobs: served.scrapeConfig() });
    undo.push(prometheus.stop);
    scan = ["scan", "--prometheus", prometheus.url, "--cluster", "prod", "--dns", dns.server, "--no-learn"];
    await prometheus.waitForScrape(1, 40_000);
    setTimeout(() => web.http({ host: "two.example.com", to: "198.51.100.2:80" }), 8000).unref();
  }, 90_000);
  afterEach(() => {
    terminal?.stop();
    terminal = null;
  });
  afterAll(async () => {
    for (const stop of undo.reverse()) await stop();
  });

  const state = (name: string) => `sqlite:${join(folder.path, name)}`;
  const shows = (open: Terminal, what: RegExp) => open.until(() => what.test(open.frame().join("\n")), 60_000);

  it("scan: finds what is new run after run, outlives Prometheus, follows the size, and gives the screen back", async () => {
    const view = onTerminal([...scan, "--state", state("live.db"), "--watch", "1s"], { columns: 100, rows: 30 });
    terminal = view;
    await view.until((text) => text.includes(live));
    await shows(view, /Found since this began: 1\n.*\n.*one\.example\.com:80 http/);
    await shows(view, /Found since this began: 2\n.*\n.*two\.example\.com:80 http.*\n.*one\.example\.com:80 http/);
    expect(view.frame()[0]).toMatch(/^egress-scout scan, every 1s: .* q ends$/);
    expect(view.frame().join("\n")).toMatch(/\nprod: .* known/);

    await prometheus.stop();
    await shows(view, /failed: egress-scout: prometheus\/unavailable: [\s\S]*\nthe last run that went well ended /);
    await prometheus.restart();
    await view.until(() => !view.frame().join("\n").includes("failed:"), 60_000);

    view.resize(50, 12);
    // stty sets the columns, then the rows: a frame may be drawn between.
    await view.until(() => displayWidth(view.frame()[0] ?? "") === 50 && view.frame().length <= 12);
    for (const line of view.frame()) expect([line, displayWidth(line) <= 50]).toEqual([line, true]);

    view.send("\u0003");
    expect(await view.ended).toBe(130);
    expect(view.text.endsWith(restored)).toBe(true);
    // Each was a normal run: the next one knows what they found.
    const { stdout } = await runScout([...scan, "--state", state("live.db"), "--format", "json"]);
    expect(JSON.parse(stdout).findings).toEqual([]);
  }, 150_000);

  it.each([
    ["q", 130, (open: Terminal): void => open.send("q")],
    ["SIGTERM", 143, (open: Terminal): unknown => process.kill(open.pid(), "SIGTERM")],
    ["SIGINT of another process", 130, (open: Terminal): unknown => process.kill(open.pid(), "SIGINT")],
  ] as const)("ends on %s with %d and the screen as it was", async (_, code, end) => {
    const view = onTerminal([...scan, "--state", "memory:", "--dry-run", "--watch", "1s"], { columns: 80 });
    terminal = view;
    await shows(view, /next in/);
    end(view);
    expect(await view.ended).toBe(code);
    expect(view.text.endsWith(restored)).toBe(true);
  });

  it("stops on Ctrl-Z, all of its job, and is there again with fg", async () => {
    const inShell = (run: string) =>
      `exec bash --norc -ic '${run.replaceAll("'", "'\\''")}; echo stopped $?; fg; echo ended $?'`;
    const view = onTerminal([...scan, "--state", "memory:", "--dry-run", "--watch", "1s"], {
      columns: 80,
      around: inShell,
    });
    terminal = view;
    await shows(view, /next in/);
    view.send("\u001a");
    await view.until((text) => text.includes("stopped 148"));
    expect(view.text.slice(0, view.text.indexOf("stopped 148"))).toContain(restored);
    await view.until((text) => text.lastIndexOf(live) > text.indexOf("stopped 148"));
    await shows(view, /q ends$/m);
    view.send("q");
    await view.until((text) => text.includes("ended 130"));
    expect(view.text.lastIndexOf(restored)).toBeLessThan(view.text.indexOf("ended 130"));
  });

  it("outlives a file that was right and is being changed", async () => {
    const file = join(folder.path, "existing.yaml");
    writeFileSync(file, "");
    const args = [...scan, "--state", "memory:", "--dry-run", "--existing", file, "--watch", "1s"];
    const view = onTerminal(args, { columns: 100 });
    terminal = view;
    await shows(view, /next in/);
    rmSync(file);
    await shows(view, /failed: egress-scout: usage: --existing/);
    writeFileSync(file, "");
    await view.until(() => !view.frame().join("\n").includes("failed:"));
    view.send("q");
    expect(await view.ended).toBe(130);
  });

  it.each([
    [20, 5],
    [1, 1],
    [300, 100],
  ])("fills %d by %d cells and no more", async (columns, rows) => {
    const args = [...scan, "--state", "memory:", "--dry-run", "--watch", "1s"];
    const view = onTerminal(args, { columns, rows });
    terminal = view;
    await view.until(() => view.frame().length === Math.min(rows, view.frame().length) && view.frame()[0] !== "");
    await view.until((text) => text.split("\u001b[H").length > 4);
    // What is wider than the screen would be written into the last cell, one character over the other.
    const lines = view.text
      .split("\u001b[H")
      .slice(1, -1)
      .flatMap((one) => one.split(/\r*\n/));
    for (const line of lines) expect(displayWidth(stripVTControlCharacters(line))).toBeLessThanOrEqual(columns);
    expect(view.frame().length).toBeLessThanOrEqual(rows);
    if (columns >= 20) expect(view.frame()[0]).toMatch(/q ends$/);
  });

  it("has a size where the terminal tells none", async () => {
    const view = onTerminal(["report", "--state", state("none.db"), "--watch", "1s"], {
      columns: 0,
      rows: 0,
      env: { COLUMNS: "50" },
    });
    terminal = view;
    await view.until((text) => stripVTControlCharacters(text).includes("Nothing is remembered yet."));
    expect(displayWidth(stripVTControlCharacters(view.text.split("\u001b[H")[1]?.split(/\r*\n/)[0] ?? ""))).toBe(50);
  });

  it("ends on what no later run mends, with the screen as it was and the reason on it", async () => {
    const view = onTerminal([...scan, "--state", "memory:", "--existing", "/nowhere", "--watch"], { columns: 80 });
    terminal = view;
    expect(await view.ended).toBe(2);
    const after = view.text.slice(view.text.lastIndexOf(restored) + restored.length);
    expect(after).toMatch(/^egress-scout: usage: --existing: .*nowhere.*\r\n$/);
  });

  it("is output after output in a pipe, remembers as any run, and takes its interval from the environment", async () => {
    let seen = "";
    const { code, stdout } = await runScout([...scan, "--state", state("pipe.db")], {
      env: { EGRESS_SCOUT_WATCH: "1s" },
      started(one) {
        one.stdout?.on("data", (piece: Buffer) => {
          seen += piece.toString();
          if ((seen.match(/^prod: /gm) ?? []).length >= 2) one.kill("SIGINT");
        });
      },
    });
    expect(code).toBe(130);
    expect(stdout).toMatch(/^prod: [12] new, [\s\S]*\nprod: (nothing|1) new, /);
    expect(stripVTControlCharacters(stdout)).toBe(stdout);
  });

  it("ends when its reader has gone", async () => {
    const line = `"${process.execPath}" "${command}" ${scan.join(" ")} --state memory: --dry-run --watch 1s | head -n 1`;
    const child = spawn("/bin/bash", ["-o", "pipefail", "-c", line], { stdio: ["ignore", "ignore", "pipe"] });
    expect(await new Promise<number | null>((resolve) => child.once("close", resolve))).toBe(0);
  });

  it.each([
    [["--at", "1700000000"], /--at/],
    [["--logs", "-"], /--logs -/],
  ])("refuses what cannot come again: %j", async (more, why) => {
    const { code, stderr } = await runScout([...scan, "--state", "memory:", "--watch", ...more]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(why)]);
  });

  it("report: shows what is remembered as it comes in", async () => {
    const [at, args] = [state("report.db"), ["--watch", "1s"]];
    const view = onTerminal(["report", "--state", at, ...args], { columns: 100, rows: 30 });
    terminal = view;
    await shows(view, /Nothing is remembered yet\./);
    await runScout([...scan, "--state", at]);
    await shows(
      view,
      /prod: 2 destinations of 1 workloads[\s\S]*\nshop +1 +2 +0 [\s\S]*\nNewest\n[\s\S]*two\.example\.com:80 http/,
    );
    view.send("q");
    expect(await view.ended).toBe(130);
    expect(view.text.endsWith(restored)).toBe(true);
  }, 60_000);
});
