/** A real DNS server (dnsmasq) on a free loopback port, with the records of one test. */
import { type ChildProcess, spawn } from "node:child_process";
import dgram from "node:dgram";
import { Resolver } from "node:dns/promises";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";

export interface Dnsmasq {
  /** `127.0.0.1:PORT` */
  server: string;
  /** Every question it was asked so far: `PTR 7.113.0.203.in-addr.arpa`. */
  questions(): string[];
  stop(): Promise<void>;
}

const ready = "ready.test";

/** Starts dnsmasq with these lines of configuration (`ptr-record=…`, `host-record=…`); it knows nothing else, and says NXDOMAIN. */
export async function dnsmasq(lines: readonly string[]): Promise<Dnsmasq> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(lines);
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

async function start(lines: readonly string[]): Promise<Dnsmasq> {
  const folder = await mkdtemp(join(tmpdir(), "egress-scout-dns-"));
  const file = join(folder, "dnsmasq.conf");
  const port = await freePort();
  const fixed = [
    `port=${port}`,
    "listen-address=127.0.0.1",
    "bind-interfaces",
    "no-resolv",
    "no-hosts",
    "local=/#/",
    "log-queries",
    "log-facility=-",
    `user=${userInfo().username}`,
    `pid-file=${join(folder, "pid")}`,
    `host-record=${ready},192.0.2.1`,
  ];
  await writeFile(file, [...fixed, ...lines, ""].join("\n"));
  const path = [process.env.PATH ?? "", "/usr/sbin", "/sbin"].join(delimiter);
  const child = spawn("dnsmasq", ["--keep-in-foreground", `--conf-file=${file}`], {
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  const stop = async (): Promise<void> => {
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  };
  const server = `127.0.0.1:${port}`;
  try {
    await answers(server, child, () => log);
  } catch (error) {
    await stop();
    throw error;
  }
  const questions = (): string[] =>
    [...log.matchAll(/query\[([A-Z]+)\] (\S+) from/g)]
      .map(([, type, name]) => `${type} ${name}`)
      .filter((question) => !question.endsWith(ready));
  return { server, questions, stop };
}

async function answers(server: string, child: ChildProcess, log: () => string): Promise<void> {
  const resolver = new Resolver({ timeout: 200, tries: 1 });
  resolver.setServers([server]);
  let failure: Error | null = null;
  child.once("error", (error) => {
    failure = error;
  });
  for (let attempt = 0; attempt < 100; attempt++) {
    if (failure !== null) throw failure;
    if (child.exitCode !== null) throw new Error(`dnsmasq ended with ${child.exitCode}: ${log()}`);
    const found = await resolver.resolve4(ready).catch(() => []);
    if (found.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`dnsmasq does not answer: ${log()}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

async function freePort(): Promise<number> {
  const socket = dgram.createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
