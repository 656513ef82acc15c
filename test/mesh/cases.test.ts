import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureTools } from "../tools/ensure.ts";
import { type Prometheus, startPrometheus } from "../tools/prometheus.ts";
import { tempFolder } from "../tools/temp.ts";
import { cases } from "./cases.ts";
import { createMesh } from "./mesh.ts";
import { type Served, serve } from "./serve.ts";

describe("Istio's own cases", () => {
  const folder = tempFolder("cases");
  const mesh = createMesh({ clock: () => Date.now() });
  let served: Served | undefined;
  let prometheus: Prometheus | undefined;

  beforeAll(async () => {
    await ensureTools(["prometheus"]);
    for (const one of cases) one.drive(mesh);
    served = await serve(mesh);
    prometheus = await startPrometheus({ dir: folder.path, jobs: served.scrapeConfig() });
    await prometheus.waitForScrape(mesh.targets().length, 40_000);
  });

  afterAll(async () => {
    await prometheus?.stop();
    await served?.stop();
    folder.remove();
  });

  it.each(cases)("$mode, $name: Prometheus shows it", async ({ namespace, expect: { shows } }) => {
    const matchers = Object.entries({ namespace, ...shows.labels }).map(([name, value]) => `${name}="${value}"`);
    const [row] = await prometheus!.query(`sum(${shows.metric}{${matchers.join(",")}})`);
    expect(row?.value).toBe(1);
  });

  it.each(cases)("$mode, $name: the truth is what egress-scout must say", ({ namespace, expect: { says } }) => {
    const flows = mesh.truth(0, Date.now()).filter(({ source }) => source.namespace === namespace);
    expect(flows.map(({ verdict, protocol, host, port }) => ({ verdict, protocol, host, port }))).toEqual(
      says === null ? [] : [says],
    );
  });
});
