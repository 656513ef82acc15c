import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";
import { admit } from "../admission/admit.ts";
import { startHostileDns } from "../tools/dns.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { runScout, scanJson } from "./run-scout.ts";

interface Hostile {
  id: string;
  value: string;
  expect: string;
}
const corpus: Hostile[] = JSON.parse(readFileSync(new URL("../data/hostile-names.json", import.meta.url), "utf8"));
/** What DNS and Prometheus both can carry: a label value is any UTF-8, a PTR answer any bytes. */
const names = corpus.filter((one) => one.value !== "");

const minute = 60_000;
const end = Date.UTC(2026, 10, 20, 12);
/** An address of its own for each name: Host headers at .1, PTR answers at .2. */
const hostAddress = (index: number) => `198.51.100.${index}`;
const ptrAddress = (index: number) => `203.0.113.${index}`;
/** Control characters but for line feeds, DEL, C1, and whatever is no ASCII: bidi marks, zero widths, look-alikes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unprintable = /[\x00-\x09\x0b-\x1f\x7f-\u{10ffff}]/u;

/** The labels of a PTR answer that a resolver would print as this text: `\\010` is a byte, `\\.` a dot inside a label. */
function wireLabels(text: string): string[] {
  const bytes = text.replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number(code))).replaceAll("\\.", "\u0000");
  const labels = bytes.split(".").map((label) => label.replaceAll("\u0000", "."));
  return labels.filter((label) => label !== "").flatMap((label) => label.match(/.{1,20}/gsu) ?? []);
}

describe("names that a workload or a stranger wrote", () => {
  let held: HeldPast;
  let dns: Awaited<ReturnType<typeof startHostileDns>>;
  let result: ScanDocument;
  let args: string[];

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => {
        const pod = mesh.pod({ namespace: "shop", workload: "web" });
        timetable.at(end - 3 * minute, () => {
          names.forEach(({ value }, index) => void pod.http({ host: value, to: `${hostAddress(index + 1)}:80` }));
          names.forEach((_, index) => void pod.tcp({ to: `${ptrAddress(index + 1)}:5432` }));
        });
      },
      { from: end - 20 * minute, to: end, everyMs: 15_000 },
    );
    dns = await startHostileDns(({ name, type }) => {
      const [, last] = /^(\d+)\.113\.0\.203\.in-addr\.arpa$/.exec(name) ?? [];
      const hostile = last === undefined ? undefined : names[Number(last) - 1];
      return type === "PTR" && hostile !== undefined ? { ptr: [wireLabels(hostile.value)] } : { rcode: "NXDOMAIN" };
    });
    const window = ["--at", String(end / 1000), "--since", "10m", "--no-learn", "--state", "memory:"];
    args = ["--prometheus", held.prometheus.url, "--dns", dns.server, ...window];
    result = await scanJson(args);
  });
  afterAll(async () => {
    await dns.stop();
    await held.stop();
  });

  it("are all found: none is lost, none crashes the run", () => {
    expect(result.findings.filter((one) => one.destination.protocol === "tcp")).toHaveLength(names.length);
    const text = JSON.stringify(result);
    for (let index = 1; index <= names.length; index++) expect(text).toContain(ptrAddress(index));
    expect(result.findings.reduce((sum, one) => sum + one.count, 0)).toBe(2 * names.length);
  });

  it("reach no manifest that Istio would not admit, and no host that is not the outside's", () => {
    const manifests = result.findings.flatMap((one) => one.suggestions.map(({ manifest }) => manifest));
    expect(manifests.length).toBeGreaterThan(names.length);
    for (const manifest of manifests) {
      expect(admit(manifest).filter((problem) => problem.level === "error")).toEqual([]);
      for (const host of (manifest.spec as { hosts: string[] }).hosts) {
        expect(host.replace(/^\*\./, "")).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/);
        if (!/^ip-[0-9a-f-]+\.egress\.internal$/.test(host))
          expect(host).not.toMatch(/\.(svc|local|internal|localhost|arpa)$/);
      }
    }
  });

  it("a PTR answer that nothing confirms is no host of a manifest", () => {
    for (const one of result.findings.filter((finding) => finding.destination.protocol === "tcp")) {
      for (const { manifest } of one.suggestions) {
        expect((manifest.spec as { hosts: string[] }).hosts[0]).toMatch(/^ip-[0-9-]+\.egress\.internal$/);
      }
      expect(one.names.some((name) => name.trust === "confirmed")).toBe(false);
    }
  });

  it("are printable ASCII wherever they are shown", async () => {
    for (const format of ["text", "json", "yaml"]) {
      const { code, stdout, stderr } = await runScout(["scan", ...args, "--format", format]);
      expect(code).toBe(0);
      expect(`${stdout}${stderr}`.match(unprintable)?.[0]).toBeUndefined();
      // c-ares refuses the answers that hold an empty label; nothing else may fail.
      if (format === "json") for (const one of JSON.parse(stdout).run.warnings) expect(one).toContain("EBADRESP");
      if (format !== "yaml") expect(stdout).not.toMatch(/<!here>|<script>|<@U024BE7LH>/);
    }
  });

  it.each(names.filter((one) => one.expect === "reject"))(
    "$id is no host name: host null, no manifest",
    ({ value }) => {
      const claimed = result.findings.filter(
        (one) => one.destination.protocol === "http" && one.destination.host === null,
      );
      expect(result.findings.some((one) => one.destination.host === value.toLowerCase())).toBe(false);
      for (const one of claimed.filter((finding) => finding.noSuggestion === null)) {
        expect(one.destination.address).not.toBeNull();
      }
      expect(claimed.length).toBeGreaterThan(0);
    },
  );
});
