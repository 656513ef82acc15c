import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { ensureTools, toolPath } from "../tools/ensure.ts";
import { createCounters, escapeLabel, renderText } from "./counters.ts";
import { createMesh } from "./mesh.ts";

const hostile = readFileSync(new URL("../data/hostile-names.json", import.meta.url), "utf8");
const names = (JSON.parse(hostile) as { value: string }[]).map(({ value }) => value);

function check(text: string): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(toolPath("promtool"), ["check", "metrics"], {
    input: text,
    encoding: "utf8",
  });
  return { status, said: stdout + stderr };
}

describe("the text format", () => {
  beforeAll(() => ensureTools(["promtool"]));

  it("escapes what it has to and nothing else", () => {
    expect(escapeLabel('a"b\\c\nd')).toBe('a\\"b\\\\c\\nd');
    expect(escapeLabel("\r\t\0 {},= é <!here>")).toBe("\r\t\0 {},= é <!here>");
  });

  it("groups by metric and counts one label set once", () => {
    const counters = createCounters();
    counters.add("a_total", { x: "1" }, 1);
    counters.add("b_total", { x: "1" }, 0);
    counters.add("a_total", { x: "2" }, 1);
    counters.add("a_total", { x: "1" }, 2);
    expect(counters.all().map(({ metric, text, value }) => [metric, text, value])).toEqual([
      ["a_total", 'x="1"', 3],
      ["a_total", 'x="2"', 1],
      ["b_total", 'x="1"', 0],
    ]);
  });

  it("is taken by promtool, with every hostile name in it", () => {
    const mesh = createMesh({ clock: () => 0 });
    const pod = mesh.pod({ namespace: "web", workload: "shop" });
    expect(names.length).toBeGreaterThan(20);
    for (const host of names) {
      pod.http({ host, to: "192.0.2.1:80" });
      pod.tls({ sni: host, to: "192.0.2.1:443" });
      pod.dynamicHttp({ host, to: "192.0.2.1:80" });
    }
    expect(check(mesh.render(pod.target.id) ?? "")).toEqual({ status: 0, said: "" });
  });

  it("is refused by promtool where an escape is missing", () => {
    const counters = createCounters();
    counters.add("a_total", { x: "1" }, 1);
    expect(check(renderText(counters).replace('"1"', '"1\n"')).status).not.toBe(0);
  });
});
