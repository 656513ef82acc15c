/**
 * How fast the resolver asks, against dnsperf on the same server in the same run: `node test/bench/names/dns.ts` prints it. In a run
 * the rate is held far below either (50 a second): this is what our own part of a look-up costs.
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dns } from "../../../lib/enrich/dns.ts";
import { arpaName } from "../../../lib/words/address.ts";
import { onFreePort, startChild } from "../../tools/child.ts";
import { ensureTools, toolPath } from "../../tools/ensure.ts";
import { tempFolder } from "../../tools/temp.ts";

export interface DnsRow {
  /** Questions under way at once, in both. */
  concurrency: number;
  /** PTR look-ups a second, medians. */
  ours: number;
  dnsperf: number;
  /** ours / dnsperf. */
  ratio: number;
  /** Time of this process' CPU for one look-up of ours. */
  cpuMicroseconds: number;
}

const count = 5000;
const rounds = { full: 5, quick: 2 };
const addresses = Array.from({ length: count }, (_, index) => `100.64.${index >> 8}.${index & 255}`);

/** Needs dnsmasq and dnsperf (Debian packages), and installs them where that is allowed. */
export async function benchDns(isQuick = false): Promise<DnsRow[]> {
  await ensureTools(["dnsmasq", "dnsperf"]);
  const folder = tempFolder("bench-dns");
  try {
    const questions = join(folder.path, "questions");
    writeFileSync(questions, addresses.map((address) => `${arpaName(address)} PTR\n`).join(""));
    const { child, port } = await quickServer(folder.path);
    try {
      const rows: DnsRow[] = [];
      // Not one at a time: a packet that dnsperf loses costs it a second then, and some are lost here.
      for (const concurrency of isQuick ? [64] : [16, 64, 256])
        rows.push(await compare(port, concurrency, questions, isQuick ? rounds.quick : rounds.full));
      return rows;
    } finally {
      await child.stop();
    }
  } finally {
    folder.remove();
  }
}

/** dnsmasq without a log, with its names in a file of hosts: those are hashed, `ptr-record` is a list that is walked. */
async function quickServer(folder: string) {
  const hosts = join(folder, "hosts");
  writeFileSync(hosts, addresses.map((address, index) => `${address} h${index}.example.com\n`).join(""));
  return await onFreePort(async (port) => {
    const config = join(folder, "dnsmasq.conf");
    const lines = [`port=${port}`, `addn-hosts=${hosts}`, "listen-address=127.0.0.1", "bind-interfaces", "no-resolv"];
    writeFileSync(config, `${[...lines, "no-hosts", "no-poll", "user=", "group=", "pid-file="].join("\n")}\n`);
    const ready = async () => {
      const asked = dns({ servers: [`127.0.0.1:${port}`], deadline: 100, now: Date.now });
      return (await asked.reverse(addresses[0] ?? "")).status === "found";
    };
    const child = await startChild(toolPath("dnsmasq"), ["--keep-in-foreground", `--conf-file=${config}`], ready);
    return { child, port };
  });
}

/** In turns, so that what else the machine does meets both. */
async function compare(port: number, concurrency: number, questions: string, times: number): Promise<DnsRow> {
  const ours: number[] = [];
  const theirs: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round <= times; round++) {
    const one = await ourRound(port, concurrency);
    const other = await dnsperfRound(port, concurrency, questions);
    // The first warms up.
    if (round === 0) continue;
    ours.push(one.perSecond);
    cpu.push(one.cpuMicroseconds);
    theirs.push(other);
  }
  const [our, their] = [median(ours), median(theirs)];
  return { concurrency, ours: our, dnsperf: their, ratio: our / their, cpuMicroseconds: median(cpu) };
}

async function ourRound(port: number, concurrency: number): Promise<{ perSecond: number; cpuMicroseconds: number }> {
  const resolver = dns({ servers: [`127.0.0.1:${port}`], concurrency, perSecond: 1e9, now: Date.now });
  const before = process.cpuUsage();
  const started = performance.now();
  const lookups = await Promise.all(addresses.map((address) => resolver.reverse(address)));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  const lost = lookups.filter(({ status }) => status !== "found").length;
  if (lost > 0) throw new Error(`${lost} of ${count} look-ups found nothing, at ${concurrency} at once`);
  return { perSecond: count / seconds, cpuMicroseconds: (user + system) / count };
}

async function dnsperfRound(port: number, concurrency: number, questions: string): Promise<number> {
  const args = [
    "-s",
    "127.0.0.1",
    "-p",
    String(port),
    "-d",
    questions,
    "-q",
    String(concurrency),
    "-n",
    "4",
    "-t",
    "1",
  ];
  const said = await output(toolPath("dnsperf"), args);
  const perSecond = Number(/Queries per second:\s+([\d.]+)/.exec(said)?.[1]);
  const answered = Number(/Queries completed:\s+(\d+)/.exec(said)?.[1]);
  // dnsperf asks nothing twice; what it has lost here and there is not in its rate.
  if (!(perSecond > 0) || answered < 0.95 * 4 * count) throw new Error(`dnsperf: ${said.slice(-1000)}`);
  return perSecond;
}

function output(path: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    child.on("error", reject).on("close", () => resolve(text));
  });
}

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

export function printDns(rows: readonly DnsRow[]): void {
  console.log(`\nPTR look-ups a second, ${count} addresses, medians`);
  for (const { concurrency, ours, dnsperf, ratio, cpuMicroseconds } of rows) {
    const rates = `ours ${ours.toFixed(0)}, dnsperf ${dnsperf.toFixed(0)}, ratio ${ratio.toFixed(2)}`;
    console.log(`${String(concurrency).padStart(3)} at once: ${rates}; ${cpuMicroseconds.toFixed(0)} µs CPU each`);
  }
}

if (import.meta.main) {
  // A signal ends the process by `exit`, so that folders and servers go with it.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  printDns(await benchDns());
}
