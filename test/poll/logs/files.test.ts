import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { AccessLogs } from "../../../lib/poll/logs/access-logs.ts";
import { longestLine } from "../../../lib/poll/logs/access-logs.ts";
import { fileLabels } from "../../../lib/poll/logs/file-labels.ts";
import { logFile, logStream } from "../../../lib/poll/logs/files.ts";
import { tempFolder } from "../../tools/temp.ts";

const folder = tempFolder("log-files");
afterAll(folder.remove);
const window = { from: 0, to: 1 };

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

async function read(logs: AccessLogs) {
  const all = [];
  for await (const batch of logs.read(window)) all.push(...batch);
  return all;
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
}

describe("files of logs", () => {
  it("give their lines, the last one without a newline too, and what the kubelet's name tells", async () => {
    const name = `web-7dc8cb9d9b-6hfhg_shop_istio-proxy-${"0a".repeat(32)}.log`;
    const labels = { pod: "web-7dc8cb9d9b-6hfhg", namespace: "shop", container: "istio-proxy" };
    expect(await read(logFile(file(name, "a\n\nb")))).toEqual(
      ["a", "", "b"].map((text) => ({ text, time: null, labels })),
    );
    expect(await read(logFile(file("empty.log", "")))).toEqual([]);
  });

  it("are unpacked where they are gzip, whatever they are called, in several members too", async () => {
    const packed = Buffer.concat([gzipSync("a\nb"), gzipSync("c\nd\n")]);
    expect((await read(logFile(file("proxy.log", packed)))).map(({ text }) => text)).toEqual(["a", "bc", "d"]);
  });

  it("are unpacked from a pipe that gives a byte at a time", async () => {
    const bytes = [...gzipSync("a\nb\n")].map((one) => Buffer.from([one]));
    expect((await read(logStream(Readable.from(bytes), "stdin"))).map(({ text }) => text)).toEqual(["a", "b"]);
    expect((await read(logStream(Readable.from([Buffer.from("x")]), "stdin"))).map(({ text }) => text)).toEqual(["x"]);
  });

  it("give what there is, and then say that a gzip is cut short", async () => {
    const text = Array.from({ length: 20_000 }, (_, n) => `line ${n * 7919}`).join("\n");
    const packed = gzipSync(text);
    const found: string[] = [];
    const all = async () => {
      const logs = logFile(file("short.gz", packed.subarray(0, packed.length / 2)));
      for await (const batch of logs.read(window)) found.push(...batch.map((one) => one.text));
    };
    await expect(all()).rejects.toMatchObject({ code: "logs/unavailable", mend: expect.stringContaining("cut short") });
    expect(found.length).toBeGreaterThan(1000);
  });

  it("come in any chunks, and no character is torn", async () => {
    const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", " "));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1 }), fc.integer({ min: 1, max: 9 }), async (all, size) => {
        const bytes = Buffer.from(`${all.map((one) => one.toWellFormed()).join("\n")}\n`);
        const chunks = function* () {
          for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
        };
        const found = await read(logStream(Readable.from(chunks()), "stdin"));
        expect(found.map(({ text }) => text)).toEqual(all.map((one) => one.toWellFormed()));
      }),
      { numRuns: 300 },
    );
  });

  it("give of a line that is far too long its beginning, marked, and all the lines around it", async () => {
    const huge = "x".repeat(longestLine + 1);
    const far = "y".repeat(5_000_000);
    const found = await read(logFile(file("huge.log", `a\n${huge}\nb\n${far}\nc\n${far}`)));
    expect(found.map(({ text, cut }) => (cut ? `${text.slice(0, 1)}… ${text.length}` : text))).toEqual([
      "a",
      "x… 200",
      "b",
      "y… 200",
      "c",
      "y… 200",
    ]);
  });

  it("hold no more of a line without an end than a line may have", async () => {
    const kept = () => {
      collectGarbage();
      const { arrayBuffers, heapUsed } = process.memoryUsage();
      return arrayBuffers + heapUsed;
    };
    const before = kept();
    let most = 0;
    // A new buffer each, or nobody could see that one is kept.
    const endless = function* () {
      for (let n = 1; n <= 200; n += 1) {
        yield Buffer.alloc(1024 * 1024, "x");
        if (n % 20 === 0) most = Math.max(most, kept() - before);
      }
    };
    expect(await read(logStream(Readable.from(endless()), "stdin"))).toMatchObject([{ cut: true }]);
    expect(most).toBeLessThan(50e6);
  });

  it("take junk for what it is", async () => {
    const junk = Buffer.from([0xff, 0xfe, 0x00, 0x0a, 0x80, 0x0a]);
    expect((await read(logFile(file("junk.log", junk)))).map(({ text }) => text)).toEqual([
      "\ufffd\ufffd\u0000",
      "\ufffd",
    ]);
  });

  it("say that one is gone", async () => {
    await expect(read(logFile(join(folder.path, "none.log")))).rejects.toMatchObject({
      code: "logs/unavailable",
      message: expect.stringContaining("ENOENT"),
    });
  });
});

describe("the kubelet's names", () => {
  const uid = "0f5a3b1c-8a55-4a3e-9f6e-2f9f6f1f1f1f";
  it.each([
    [`/var/log/pods/shop_web-7dc8cb9d9b-6hfhg_${uid}/istio-proxy/0.log`, "shop", "web-7dc8cb9d9b-6hfhg", "istio-proxy"],
    [`/var/log/pods/shop_web-0_${uid}/istio-proxy/3.log.20261122-120000.gz`, "shop", "web-0", "istio-proxy"],
    [`web-0_shop_istio-proxy-${"ab".repeat(32)}.log`, "shop", "web-0", "istio-proxy"],
    [
      `from-fluent-bit-kube.var.log.containers.web-0_shop_istio-proxy-${"ab".repeat(32)}.log`,
      "shop",
      "web-0",
      "istio-proxy",
    ],
    [
      `ip-10-0-0-1.ec2.internal-application.var.log.containers.web-0_shop_istio-proxy-${"ab".repeat(32)}.log`,
      "shop",
      "web-0",
      "istio-proxy",
    ],
  ])("%s", (path, namespace, pod, container) => expect(fileLabels(path)).toEqual({ namespace, pod, container }));

  it("are not seen in other names", () => {
    for (const path of ["proxy.log", "/tmp/a_b_c.log", "web_shop_istio-proxy-abc.log"])
      expect(fileLabels(path)).toEqual({});
  });
});
