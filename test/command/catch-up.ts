/** What a test of catching up starts from: a shop that always calls the same places, and scans of it. */
import { join } from "node:path";
import type { FindingDocument, ScanDocument } from "../../lib/report/scan-schema.ts";
import { history, type Timetable } from "../mesh/history.ts";
import type { Mesh, Pod } from "../mesh/mesh.ts";
import { createBlocks, startPrometheus } from "../tools/prometheus.ts";
import { tempFolder } from "../tools/temp.ts";
import { scanJson } from "./run-scout.ts";

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const begin = Date.UTC(2026, 10, 16, 6);
export const learned = begin + hour;

export const iso = (time: number): string => new Date(time).toISOString();

/** How often what was found was called. */
export const found = (findings: readonly FindingDocument[]): Record<string, number> =>
  Object.fromEntries(findings.map((one) => [one.destination.host ?? one.destination.address ?? one.kind, one.count]));

export type Script = (mesh: Mesh, timetable: Timetable) => void;
export type Scan = (time: number, ...more: string[]) => Promise<ScanDocument>;

export interface Held {
  scan: Scan;
  stop(): Promise<void>;
}

/** Serves what was scraped of a script; `altered` may take lines away or add some. */
export async function hold(
  script: Script,
  span: { to: number; everyMs: number },
  altered = (line: string): string => line,
): Promise<Held> {
  const folder = tempFolder("catch-up");
  const { text } = history(script, { from: begin, ...span });
  await createBlocks(text().replace(/^.*\n/gm, altered), folder.path);
  const prometheus = await startPrometheus({ dir: folder.path });
  return { scan: scanner(prometheus.url, folder.path), stop: () => prometheus.stop().finally(folder.remove) };
}

/** Scans a server at a time; its memory is in `dir`. */
export function scanner(url: string, dir: string): Scan {
  const base = ["--prometheus", url, "--state", `sqlite:${join(dir, "state.db")}`, "--dns", "127.0.0.1:9"];
  return (time, ...more) => scanJson([...base, "--at", `${time / second}`, ...more]);
}

/** A web shop that always calls the same places. */
export function usual(mesh: Mesh, timetable: Timetable, to: number): Pod {
  const web = mesh.pod({ namespace: "shop", workload: "web" });
  timetable.every({ from: begin, to, everyMs: minute }, () => {
    web.http({ host: "cdn.example.net", to: "198.51.100.20:80" });
    web.tls({ sni: "api.example.com", to: "198.51.100.21:443", times: 2 });
    web.http({ host: "refused.example.com", to: "198.51.100.22:80", blocked: true });
  });
  return web;
}
