/** A real DNS server that knows exactly what it is told. For one that lies, see hostile-dns.ts. */
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import ipaddr from "ipaddr.js";
import { onFreePort, startChild } from "./child.ts";
import { toolPath } from "./ensure.ts";
import { tempFolder } from "./temp.ts";

export { startHostileDns } from "./hostile-dns.ts";

export interface DnsData {
  /** Address, or its name under arpa, → its PTR name or names. */
  ptr?: Record<string, string | string[]>;
  /** Name → its addresses, IPv4 and IPv6 mixed. Names below it are not meant. */
  a?: Record<string, string[]>;
  /** Name → the other name that it stands for, which is one of `a` or `ptr`. */
  cname?: Record<string, string>;
  /** Default true: what is not listed does not exist. False: it is REFUSED. */
  nxdomainElse?: boolean;
}

export interface Dns {
  /** `127.0.0.1:PORT`, for `setServers` and `--dns`. */
  server: string;
  /** Every question it was asked so far: `PTR 7.113.0.203.in-addr.arpa`. */
  questions(): string[];
  stop(): Promise<void>;
}

/** Starts dnsmasq with that data and no upstream; answers over UDP and TCP when it returns. */
export async function startDns(data: DnsData): Promise<Dns> {
  const folder = tempFolder("dns");
  const log = join(folder.path, "dnsmasq.log");
  try {
    const { child, port } = await onFreePort(async (free) => {
      const file = join(folder.path, "dnsmasq.conf");
      writeFileSync(file, configText(data, free, log));
      const args = ["--keep-in-foreground", `--conf-file=${file}`];
      return { child: await startChild(toolPath("dnsmasq"), args, () => listens(free)), port: free };
    });
    const stop = () => child.stop().finally(folder.remove);
    const questions = () =>
      [...readFileSync(log, "utf8").matchAll(/query\[([A-Z]+)\] (\S+) from/g)].map(
        ([, type, name]) => `${type} ${name}`,
      );
    return { server: `127.0.0.1:${port}`, questions, stop };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

function configText(data: DnsData, port: number, log: string): string {
  const lines = [
    `port=${port}`,
    "listen-address=127.0.0.1",
    "bind-interfaces",
    "no-resolv",
    "no-hosts",
    "no-poll",
    // Empty: stays the user it was started as, and writes no file outside its folder.
    "user=",
    "group=",
    "pid-file=",
    "log-queries",
    `log-facility=${log}`,
    ...(data.nxdomainElse === false ? [] : ["local=/#/"]),
  ];
  for (const [place, names] of Object.entries(data.ptr ?? {})) {
    const arpa = ipaddr.isValid(place) ? arpaName(place) : checked(place);
    for (const name of [names].flat()) lines.push(`ptr-record=${arpa},${checked(name)}`);
  }
  for (const [name, target] of Object.entries(data.cname ?? {}))
    lines.push(`cname=${checked(name)},${checked(target)}`);
  for (const [name, addresses] of Object.entries(data.a ?? {})) {
    // Not host-record, which makes a PTR as well; not address, which means all names below, too.
    for (const address of addresses) lines.push(`dns-rr=${checked(name)},${rrOf(address)}`);
    // Makes the name known, so that a type it lacks is "no data" and not "no such name".
    lines.push(`txt-record=${checked(name)},listed`);
  }
  return `${lines.join("\n")}\n`;
}

/** A comma or a line feed in a name would be configuration. */
function checked(name: string): string {
  if (!/^[A-Za-z0-9._-]+$/.test(name)) throw new Error(`dnsmasq cannot serve the name ${JSON.stringify(name)}`);
  return name;
}

function rrOf(address: string): string {
  const parsed = ipaddr.parse(address);
  return `${parsed.kind() === "ipv4" ? 1 : 28},${Buffer.from(parsed.toByteArray()).toString("hex")}`;
}

/** The name under which an address has its PTR. */
export function arpaName(address: string): string {
  const parsed = ipaddr.parse(address);
  const bytes = parsed.toByteArray();
  if (parsed.kind() === "ipv4") return `${bytes.reverse().join(".")}.in-addr.arpa`;
  return `${[...Buffer.from(bytes).toString("hex")].reverse().join(".")}.ip6.arpa`;
}

/** dnsmasq takes TCP on its port as soon as it answers UDP. */
function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => done(true)).on("error", () => done(false));
  });
}
