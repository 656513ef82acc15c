/** Hostile servers and a resolver that asks them, for the tests of the adapter. */
import { afterEach } from "vitest";
import { type DnsSettings, dns } from "../../lib/enrich/dns.ts";
import { holds, type Lookup, type Resolver } from "../../lib/enrich/resolver.ts";
import {
  type HostileDns,
  type HostileHandler,
  type HostileReply,
  startHostileDns,
  wireLabels,
} from "../tools/hostile-dns.ts";

const open: HostileDns[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.stop()));
});

/** Ends with the test. */
export async function hostile(react: HostileHandler, options: { tcp?: boolean } = {}): Promise<HostileDns> {
  const server = await startHostileDns(react, options);
  open.push(server);
  return server;
}

export function ask(servers: HostileDns[], settings: Partial<DnsSettings> = {}): Resolver {
  return dns({
    servers: servers.map(({ server }) => server),
    deadline: 200,
    perSecond: 10_000,
    now: Date.now,
    ...settings,
  });
}

export async function timed<Value>(work: Promise<Value>): Promise<{ value: Value; took: number }> {
  const start = performance.now();
  const value = await work;
  return { value, took: performance.now() - start };
}

export const ptr = (name: string): HostileReply => ({ ptr: [wireLabels(name) ?? []] });

export const whys = (lookups: readonly Lookup[]): string[] =>
  lookups.map((lookup) => (lookup.status === "failed" ? lookup.why : lookup.status));

export const foundNames = (...values: string[]): Lookup => ({ status: "found", values, ttl: holds.names });
export const none: Lookup = { status: "none", ttl: holds.nothing };
/** A question of the resolver's own: does the server answer anything? */
export const isKnock = ({ name }: { name: string }): boolean => name === "1.0.0.127.in-addr.arpa";
