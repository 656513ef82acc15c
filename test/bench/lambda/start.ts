/**
 * How soon a packaged function is at work: from the start of its process to the first line of its handler, beside a bare Node's in turn; and
 * from there to the first question that a usual run (DynamoDB, SNS) asks Prometheus, with what it had loaded until its end.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { processEnv, unpack } from "../../lambda/packaged.ts";
import { startDynamodb } from "../../tools/dynamodb.ts";
import { runtimes, startFunction } from "../../tools/lambda.ts";
import { tempFolder } from "../../tools/temp.ts";

/** Bytes of minified JavaScript. */
export interface Size {
  /** `index.mjs` and what it imports: what every cold start reads. */
  start: number;
  /** All that any call may load. */
  total: number;
}

export interface LambdaStart {
  runs: number;
  /** Medians, ms. */
  bareMs: number;
  handlerMs: number;
  /** Of each pair of starts, how many times as long the handler's took; median. */
  timesBare: number;
  firstQuestionMs: number;
  sizes: Record<string, Size>;
  /** Bytes that the usual run had read at its end. */
  usualRun: number;
}

const sizesFile = fileURLToPath(new URL("../../../dist/functions/sizes.json", import.meta.url));

export async function benchStart(runs: number): Promise<LambdaStart> {
  const folder = tempFolder("start");
  try {
    const { root, handler } = unpack("poll", join(folder.path, "poll"));
    const index = join(root, handler.replace(/[.]handler$/, ".mjs"));
    const bare = script(folder.path, "bare.mjs", 'import { writeSync } from "node:fs"; writeSync(1, "1");');
    // The event tells when the handler looks at it, which is its first line.
    const first = script(
      folder.path,
      "first.mjs",
      `import { writeSync } from "node:fs";
      const { handler } = await import(${JSON.stringify(pathToFileURL(index).href)});
      await handler(new Proxy({}, { get() { writeSync(1, "1"); process.exit(); } }), {});`,
    );
    const pairs: { bareMs: number; handlerMs: number }[] = [];
    for (let run = 0; run <= runs; run++)
      pairs.push({ bareMs: await toFirstByte(bare), handlerMs: await toFirstByte(first) });
    // The first pair reads the files into the machine's memory.
    pairs.shift();
    const usual = await usualRun(root, handler, folder.path);
    return {
      runs,
      bareMs: median(pairs.map(({ bareMs }) => bareMs)),
      handlerMs: median(pairs.map(({ handlerMs }) => handlerMs)),
      timesBare: median(pairs.map(({ bareMs, handlerMs }) => handlerMs / bareMs)),
      ...usual,
      sizes: JSON.parse(readFileSync(sizesFile, "utf8")),
    };
  } finally {
    folder.remove();
  }
}

function script(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function toFirstByte(file: string): Promise<number> {
  const started = performance.now();
  const child = spawn(runtimes["nodejs24.x"], [file], {
    env: { PATH: "/nonexistent" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  const took = performance.now() - started;
  await ended;
  return took;
}

/** Says each file of the function as it is loaded. */
const saying = `data:text/javascript,${encodeURIComponent(
  'import { registerHooks } from "node:module"; import { writeSync } from "node:fs"; registerHooks({ load(url, context, next) { writeSync(2, "loaded " + url + "\\n"); return next(url, context); } });',
)}`;

/** One run that learns nothing, of a Prometheus that knows nothing. */
async function usualRun(root: string, handler: string, folder: string) {
  let asked = 0;
  const prometheus = createServer(({ url }, answer) => {
    asked ||= performance.now();
    answer.writeHead(200, { "content-type": "application/json" });
    const resultType = url?.includes("query_range") ? "matrix" : "vector";
    answer.end(JSON.stringify({ status: "success", data: { resultType, result: [] } }));
  }).listen(0, "127.0.0.1");
  await once(prometheus, "listening");
  const { port } = prometheus.address() as AddressInfo;
  const dynamodb = await startDynamodb();
  const config = script(
    folder,
    "config.yaml",
    `clusters: [{ name: bench, prometheus: { url: "http://127.0.0.1:${port}" } }]
channels: { topic: { sns: { topicArn: "arn:aws:sns:eu-west-1:000000000000:egress" } } }
owners: [{ team: platform, channels: [topic] }]\n`,
  );
  const env = {
    ...processEnv,
    ...dynamodb.env,
    EGRESS_SCOUT_CONFIG: config,
    EGRESS_SCOUT_STATE: `dynamodb:${await dynamodb.table()}`,
  };
  const invoked = async (more: Record<string, string>) => {
    asked = 0;
    const poll = await startFunction({ root, handler, env: { ...env, ...more } });
    try {
      const started = performance.now();
      const invocation = await poll.invoke();
      if (invocation.ended !== "answer") throw new Error(`poll: ${JSON.stringify(invocation)}`);
      return { firstQuestionMs: asked - started, logs: poll.logs() };
    } finally {
      await poll.stop();
    }
  };
  try {
    const { firstQuestionMs } = await invoked({});
    const { logs } = await invoked({ NODE_OPTIONS: `${processEnv.NODE_OPTIONS} --import=${saying}` });
    const loaded = [...logs.matchAll(/^loaded (file:\S+)$/gm)].map(([, url = ""]) => fileURLToPath(url));
    const bytes = loaded.filter((file) => file.startsWith(root)).reduce((sum, file) => sum + statSync(file).size, 0);
    return { firstQuestionMs, usualRun: bytes };
  } finally {
    prometheus.closeAllConnections();
    prometheus.close();
    await dynamodb.stop();
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const kb = (bytes: number): string => (bytes / 1000).toFixed(0);

export function printStart({
  runs,
  bareMs,
  handlerMs,
  timesBare,
  firstQuestionMs,
  sizes,
  usualRun,
}: LambdaStart): void {
  console.log("\nfunctions, KB of minified JavaScript   every start   at most");
  for (const [name, { start, total }] of Object.entries(sizes))
    console.log(`  ${name.padEnd(37)}${kb(start).padStart(11)}${kb(total).padStart(10)}`);
  console.log(
    `poll: ${timesBare.toFixed(2)} times a bare Node from start to the handler's first line (${handlerMs.toFixed(0)} and ${bareMs.toFixed(0)} ms, medians of ${runs}); first question of a run with DynamoDB and SNS after ${firstQuestionMs.toFixed(0)} ms, ${kb(usualRun)} KB read in all`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const measured = await benchStart(Number(process.argv[2] ?? 15));
  printStart(measured);
  console.log(JSON.stringify(measured));
}
