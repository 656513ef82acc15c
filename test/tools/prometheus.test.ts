import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startChild } from "./child.ts";
import { ensureTools } from "./ensure.ts";
import { createBlocks, type Prometheus, startPrometheus } from "./prometheus.ts";
import { tempFolder } from "./temp.ts";

describe("startPrometheus", () => {
  const folder = tempFolder("prometheus");
  const target: Server = createServer((_, response) => void response.end("# TYPE a counter\na 1\n"));
  let prometheus: Prometheus;
  let address = "";

  beforeAll(async () => {
    await ensureTools(["prometheus", "promtool"]);
    await once(target.listen(0, "127.0.0.1"), "listening");
    address = `127.0.0.1:${(target.address() as AddressInfo).port}`;
    prometheus = await startPrometheus({
      dir: folder.path,
      targets: [address],
      scrapeIntervalMs: 200,
      externalLabels: { replica: "a" },
    });
  });

  afterAll(async () => {
    await prometheus.stop();
    target.close();
    folder.remove();
  });

  it("scrapes, answers, and says when all was scraped once more", async () => {
    const before = Date.now();
    const scraped = await prometheus.waitForScrape(1, 30_000);
    expect(scraped).toBeGreaterThanOrEqual(before);
    const [row] = await prometheus.query("a", scraped);
    expect(row).toMatchObject({
      labels: { __name__: "a", job: "targets", instance: address },
      value: 1,
      timeMs: scraped,
    });
  });

  it("gives scalars and infinities as numbers, and errors as errors", async () => {
    expect(await prometheus.query("scalar(vector(2))", 5000)).toEqual([{ labels: {}, value: 2, timeMs: 5000 }]);
    expect((await prometheus.query("vector(-1) / 0"))[0]?.value).toBe(-Infinity);
    await expect(prometheus.query("a{")).rejects.toThrow(/^a\{: .*parse error/);
    await expect(prometheus.query("a[5m]")).rejects.toThrow("gives a matrix");
    await expect(prometheus.waitFor("vector(7)", () => false, 50)).rejects.toThrow(
      /not so after 50 ms: vector\(7\) gives .*7/,
    );
  });

  it("keeps its port and what it knew through kill -9, and reads a new configuration", async () => {
    const [{ pid, url }, scraped] = [prometheus, await prometheus.waitForScrape(1)];
    await prometheus.kill9();
    await expect(prometheus.query("a")).rejects.toThrow();
    await prometheus.restart();
    expect(prometheus.pid).not.toBe(pid);
    expect(prometheus.url).toBe(url);
    expect(await prometheus.query("a", scraped)).toHaveLength(1);
    await prometheus.reload([{ job_name: "more", static_configs: [{ targets: [address] }] }]);
    await prometheus.waitFor('a{job="more"}', (rows) => rows.length === 1, 30_000);
    await expect(prometheus.reload([{ job_name: "more", nonsense: true }])).rejects.toThrow(/does not take/);
  });

  it("stops for good, and stopping again is no error", async () => {
    await prometheus.stop();
    await prometheus.stop();
    expect(() => process.kill(prometheus.pid, 0)).toThrow();
  });
});

describe("what cannot start", () => {
  it("says why", async () => {
    await expect(startChild("/nonexistent/prometheus", [], async () => true)).rejects.toThrow(/ENOENT/);
    const dies = startChild(process.execPath, ["-e", "console.error('no luck'); process.exit(3)"], async () => false);
    await expect(dies).rejects.toThrow(/ended with 3: no luck$/);
    const hangs = startChild(process.execPath, ["-e", "setInterval(() => {}, 1000)"], async () => false, 300);
    await expect(hangs).rejects.toThrow(/is not ready after 300 ms: it said nothing$/);
  });

  it("and promtool says what is wrong with a text", async () => {
    const folder = tempFolder("blocks-test");
    await expect(createBlocks("a 1 1\n", folder.path)).rejects.toThrow(/EOF/);
    folder.remove();
  });
});
