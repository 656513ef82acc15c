/** A DNS server that answers well until it is told to answer badly, and counts what it spoilt. */
import { startHostileDns } from "../tools/dns.ts";
import type { HostileReply } from "../tools/hostile-dns.ts";

export const dnsFaults = [
  "refuses",
  "hangs",
  "truncated, TCP refuses",
  "truncated, TCP hangs",
  "REFUSED",
  "SERVFAIL",
  "NOTIMP",
  "FORMERR",
  "garbage",
  "half an answer",
  "wrong type",
  "another's answer",
  "no answer in it",
] as const;
export type DnsFault = (typeof dnsFaults)[number];

export interface FaultyDns {
  /** `127.0.0.1:PORT` */
  server: string;
  spoilt: number;
  stop(): Promise<void>;
}

export interface Zone {
  /** By name under arpa. */
  ptr: Readonly<Record<string, string>>;
  a: Readonly<Record<string, string>>;
}

/** Nobody listens: the port is of one that has gone. */
async function gone(): Promise<FaultyDns> {
  const dns = await startHostileDns(() => ({ rcode: "NXDOMAIN" }));
  await dns.stop();
  return { server: dns.server, spoilt: 0, stop: async () => {} };
}

export async function faultyDns(zone: Zone, fault: DnsFault | null): Promise<FaultyDns> {
  if (fault === "refuses") return await gone();
  const good = (name: string, type: string): HostileReply => {
    const host = type === "PTR" ? zone.ptr[name] : undefined;
    if (host !== undefined) return { ptr: [host.split(".")] };
    const data = type === "A" ? zone.a[name] : undefined;
    return data === undefined ? { rcode: "NXDOMAIN" } : { answers: [{ type: "A", name, ttl: 60, data }] };
  };
  const dns = await startHostileDns(
    ({ name, type }, _, transport) => {
      if (fault === null) return good(name, type);
      all.spoilt += 1;
      return spoilt(fault, { name, type, transport });
    },
    { tcp: fault === "truncated, TCP hangs" },
  );
  const all: FaultyDns = { server: dns.server, spoilt: 0, stop: dns.stop };
  return all;
}

interface Asked {
  name: string;
  type: string;
  transport: "udp" | "tcp";
}

function spoilt(fault: Exclude<DnsFault, "refuses">, { name, type, transport }: Asked): HostileReply {
  switch (fault) {
    case "hangs":
      return { silence: true };
    case "truncated, TCP refuses":
      return { truncated: true };
    case "truncated, TCP hangs":
      return transport === "tcp" ? { silence: true } : { truncated: true };
    case "garbage":
      return { raw: Buffer.from("HTTP/1.1 200 OK\r\n\r\n<h1>Sign in</h1>") };
    case "half an answer":
      return {
        raw: (query) =>
          Buffer.concat([query.subarray(0, 2), Buffer.from([0x81, 0x80, 0, 1, 0, 1]), query.subarray(8, 20)]),
      };
    case "wrong type":
      return {
        answers: [
          type === "PTR" ? { type: "A", name, ttl: 60, data: "192.0.2.1" } : { type: "TXT", name, ttl: 60, data: "no" },
        ],
      };
    case "another's answer":
      return { wrongId: [["www", "bank", "example"]] };
    case "no answer in it":
      return { answers: [] };
    default:
      return { rcode: fault };
  }
}
