/**
 * How fast, and in how much memory, access logs are read: `node test/bench/logs/stream.ts [MEGABYTES]` (default 1024) reads a stream
 * of text and JSON lines that is made while it is read, most of them in-mesh calls, and prints one JSON document.
 */
import { Readable } from "node:stream";
import { tally } from "../../../lib/observe/logs/tally.ts";
import { logStream } from "../../../lib/poll/logs/files.ts";
import * as line from "../../observe/logs/make.ts";

const megabytes = Number(process.argv[2] ?? 1024);
const window = { from: 0, to: Date.UTC(2100, 0) };
/** Each block ends with a line of one of so many flows, so that new ones come all along. */
const flows = 20_000;

/** One in four leaves the mesh, as in a mesh whose logs are not filtered. */
function block(number: number): string {
  const lines: string[] = [];
  for (let n = 0; n < 200; n += 1) {
    const one = number * 200 + n;
    const name = `h${one % 997}.example.com`;
    const inMesh = { cluster: "outbound|8080||cart.shop.svc.cluster.local", route: "default", authority: "cart:8080" };
    lines.push(
      n % 8 === 0
        ? line.tls({ sni: name })
        : n % 8 === 4
          ? line.tlsJson({ sni: name })
          : n % 2 === 0
            ? line.http(inMesh)
            : line.httpJson(inMesh),
    );
  }
  return `${lines.join("\n")}\n`;
}

/** Blocks are made once and repeated: what is measured is the reading. */
function stream(bytes: number): { stream: Readable; blocks: number } {
  const made = Array.from({ length: 50 }, (_, n) => Buffer.from(block(n)));
  const each = made.reduce((sum, one) => sum + one.length, 0) / made.length;
  const blocks = Math.ceil(bytes / each);
  const source = function* () {
    for (let n = 0; n < blocks; n += 1) {
      const last = Buffer.from(`${line.ztunnelText({ "src.namespace": `namespace-number-${n % flows}` })}\n`);
      yield Buffer.concat([made[n % made.length] ?? last, last]);
    }
  };
  return { stream: Readable.from(source()), blocks };
}

const { stream: source, blocks } = stream(megabytes * 1024 * 1024);
const sums = tally({ cluster: "prod", internal: [], window, since: 0 });
const before = process.memoryUsage.rss();
const started = performance.now();
let most = before;
let batches = 0;
for await (const batch of logStream(source, "the bench").read(window)) {
  for (const one of batch) sums.add(one);
  batches += 1;
  if (batches % 100 === 0) most = Math.max(most, process.memoryUsage.rss());
}
const seconds = (performance.now() - started) / 1000;
const { lines, flows: found } = sums.result();
const counted = found.reduce((sum, one) => sum + one.now.count, 0);
console.log(
  JSON.stringify({
    megabytes,
    lines,
    expected: { lines: blocks * 201, counted: blocks * 51 },
    flows: found.length,
    counted,
    seconds: Number(seconds.toFixed(2)),
    megabytesPerSecond: Math.round(megabytes / seconds),
    rssBefore: Math.round(before / 1e6),
    rssMost: Math.round(most / 1e6),
  }),
);
