/** The drawing of docs/architecture.md: the folders of lib/ as boxes, the imports as arrows, the stages in the order of the data. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./pages.ts";

interface Cruised {
  modules: { source: string; dependencies: { resolved: string; dependencyTypes: string[] }[] }[];
}
type Arrows = ReadonlyMap<string, ReadonlySet<string>>;

/** The path of the data. */
export const stages = ["poll", "observe", "remember", "detect", "verdicts", "enrich", "suggest", "notify", "report"];
/** What makes up a run, as one box. */
const run = ["scout", "look", "watch", "gather", "recognise", "owners", "describe", "tell"];
/** What is of the run as well, and too small to be named. */
const small = ["tally", "findings", "progress"];
/** What everybody imports, and what nobody needs to see. */
const words = ["model", "errors", "words", "policy"];

const boxOf = (path: string): string | null => {
  const [, folder, name = ""] = /^(lib|bin|functions)\/([^/.]+)/.exec(path) ?? [];
  if (folder === undefined) return null;
  if (folder !== "lib") return folder;
  if (words.includes(name)) return null;
  return run.includes(name) || small.includes(name) ? "scout" : name;
};

/** Who imports whom at run time, by box. @throws where dependency-cruiser read next to nothing */
export function readArrows(): Map<string, Set<string>> {
  const cruiser = join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
  const args = [cruiser, "lib", "bin", "functions", "--output-type", "json"];
  const text = execFileSync(process.execPath, args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 27 });
  const { modules }: Cruised = JSON.parse(text);
  const arrows = new Map<string, Set<string>>();
  for (const { source, dependencies } of modules) {
    const from = boxOf(source);
    if (from === null) continue;
    const to = arrows.get(from) ?? new Set();
    arrows.set(from, to);
    for (const { resolved, dependencyTypes } of dependencies) {
      const box = boxOf(resolved);
      if (box !== null && box !== from && !dependencyTypes.includes("type-only")) to.add(box);
    }
  }
  if (arrows.size < 20) throw new Error(`only ${arrows.size} folders were read`);
  return arrows;
}

/** Without the arrows that follow from others, so that a path is drawn once. */
function reduced(arrows: Arrows): Map<string, string[]> {
  const below = (from: string, seen = new Set<string>()): Set<string> => {
    for (const to of arrows.get(from) ?? []) if (!seen.has(to)) below(to, seen.add(to));
    return seen;
  };
  const isDirect = (all: ReadonlySet<string>, to: string) => ![...all].some((by) => by !== to && below(by).has(to));
  return new Map([...arrows].map(([from, to]) => [from, [...to].filter((one) => isDirect(to, one)).sort()]));
}

const [width, gap, height] = [1040, 92, 40];

interface Placed {
  x: number;
  y: number;
  w: number;
}

/** Rows by the longest way from above; the stages share one, in their order, and what only they ask is below. @throws for a circle */
function place(arrows: ReadonlyMap<string, readonly string[]>): Map<string, Placed> {
  const above = (box: string) => [...arrows].filter(([, to]) => to.includes(box)).map(([from]) => from);
  const depth = (box: string, below: readonly string[] = []): number => {
    const way = [box, ...below];
    if (below.includes(box)) throw new Error(`boxes need each other: ${way.join(" → ")}; are they one (run, small)?`);
    return Math.max(0, ...above(box).map((from) => depth(from, way) + 1));
  };
  const others = [...arrows.keys()].filter((box) => !stages.includes(box)).sort();
  const last = Math.max(
    ...others.filter((box) => !above(box).some((from) => stages.includes(from))).map((box) => depth(box)),
  );
  const rowOf = (box: string) => (above(box).some((from) => stages.includes(from)) ? last + 2 : depth(box));
  const rows = Array.from({ length: last + 3 }, (_, row) =>
    row === last + 1 ? stages : others.filter((box) => rowOf(box) === row),
  );
  const placed = new Map<string, Placed>();
  for (const [row, boxes] of rows.entries()) {
    const middle = (box: string) => {
      const at = above(box).flatMap((from) => placed.get(from)?.x ?? []);
      return at.reduce((sum, x) => sum + x, 0) / (at.length || 1);
    };
    const ordered = row === last + 1 ? boxes : [...boxes].sort((a, b) => middle(a) - middle(b) || a.localeCompare(b));
    for (const [index, box] of ordered.entries()) {
      const w = box === "scout" ? 640 : Math.max(76, box.length * 9 + 24);
      const even = ((index + 0.5) * width) / ordered.length;
      placed.set(box, { x: row > last + 1 ? middle(box) : even, y: 24 + row * gap, w });
    }
  }
  return placed;
}

/** The whole drawing. Pure but for the imports that it is given. */
export function drawing(all: Arrows): string {
  const arrows = reduced(all);
  const placed = place(arrows);
  const bottom = Math.max(...[...placed.values()].map(({ y }) => y)) + height + 24;
  const lines = [...arrows].sort().flatMap(([from, tos]) =>
    tos.flatMap((to) => {
      const [a, b] = [placed.get(from), placed.get(to)];
      if (a === undefined || b === undefined) return [];
      const [top, end] = [a.y + height, b.y - 7];
      // Of a wide box the arrow begins above its end, as far as the box goes.
      const x = Math.max(a.x - a.w / 2 + 12, Math.min(a.x + a.w / 2 - 12, b.x));
      const bend = (end - top) / 2;
      const path = end > top ? `M${x} ${top}C${x} ${top + bend} ${b.x} ${end - bend} ${b.x} ${end}` : sideways(a, b);
      return [`  <path d="${rounded(path)}"/>`];
    }),
  );
  const boxes = [...placed].flatMap(([box, { x, y, w }]) => {
    const isStage = stages.includes(box);
    const text = box === "scout" ? run.join(" · ") : box;
    return [
      `  <rect class="${isStage ? "stage" : box === "scout" ? "run" : "box"}" x="${round(x - w / 2)}" y="${y}" width="${w}" height="${height}" rx="6"/>`,
      `  <text x="${round(x)}" y="${y + 25}">${text}</text>`,
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom}" role="img" aria-label="Folders of lib and who imports whom; the stages are ${stages.join(", ")}">`,
    "<style>text{font:15px ui-monospace,monospace;text-anchor:middle;fill:#1f2328}path{fill:none;stroke:#8c959f;stroke-width:1.3;marker-end:url(#to)}rect{stroke:#57606a;fill:#fff}rect.stage{fill:#ddf4ff;stroke:#0969da}rect.run{fill:#fff8c5;stroke:#9a6700}rect.paper{stroke:none}</style>",
    '<defs><marker id="to" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" style="fill:#8c959f;stroke:none;marker-end:none"/></marker></defs>',
    `<rect class="paper" width="${width}" height="${bottom}"/>`,
    ...lines,
    ...boxes,
    "</svg>",
    "",
  ].join("\n");
}

const round = (value: number) => Math.round(value);
const rounded = (path: string) => path.replaceAll(/\d+\.\d+/g, (value) => String(round(Number(value))));

/** Between boxes of one row: an arc below them. */
function sideways(a: Placed, b: Placed): string {
  const y = a.y + height;
  return `M${a.x} ${y}C${a.x} ${y + 34} ${b.x} ${y + 34} ${b.x} ${y + 7}`;
}
