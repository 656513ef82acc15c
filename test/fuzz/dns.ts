/** Packets of a DNS server, over UDP: an answer or a failure that is told, and never an error. */
import { decode, encode } from "dns-packet";
import fc from "fast-check";
import { expect } from "vitest";
import { dns } from "../../lib/enrich/dns.ts";
import { answerLimits, type Lookup } from "../../lib/enrich/resolver.ts";
import { startHostileDns } from "../tools/hostile-dns.ts";
import { expectPrintable, property } from "./property.ts";

/** Bytes changed, cut or added, at places told by shares of the packet. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  put: fc.uint8Array({ maxLength: 12 }),
  over: fc.boolean(),
});
const answer = fc.record({
  rcode: fc.nat({ max: 15 }),
  names: fc.array(fc.domain(), { maxLength: 12 }),
  addresses: fc.array(fc.ipV4(), { maxLength: 80 }),
  changes: fc.array(change, { maxLength: 4 }),
  question: fc.constantFrom("reverse", "forward"),
});

function reply(
  query: Buffer,
  { rcode, names, addresses, changes, question }: typeof answer extends fc.Arbitrary<infer T> ? T : never,
): Uint8Array {
  const { id, questions = [] } = decode(query);
  const name = questions[0]?.name ?? "";
  const answers =
    question === "reverse"
      ? names.map((data) => ({ type: "PTR" as const, name, ttl: 60, data }))
      : addresses.map((data) => ({ type: "A" as const, name, ttl: 60, data }));
  const bytes = encode({ id: id ?? 0, type: "response", flags: rcode, questions, answers });
  return changes
    .reduce<Buffer>((packet, { at, put, over }) => {
      // The id stays, or nobody would look at it.
      const place = 2 + Math.floor(at * Math.max(0, packet.length - 2));
      return Buffer.concat([packet.subarray(0, place), put, packet.subarray(place + (over ? put.length : 0))]);
    }, bytes)
    .subarray(0, 60_000);
}

function expectLookup(found: Lookup, most: number): void {
  if (found.status === "failed") {
    expectPrintable(found.why);
    return;
  }
  expect(found.ttl).toBeGreaterThanOrEqual(0);
  if (found.status === "none") return;
  expect(found.values.length).toBeGreaterThan(0);
  expect(found.values.length).toBeLessThanOrEqual(most);
}

export const properties = [
  property("DNS: any packet is an answer or a failure that is told", 20, answer, async (one) => {
    const server = await startHostileDns(() => ({ raw: (query) => reply(query, one) }));
    try {
      const resolver = dns({ servers: [server.server], deadline: 100, now: () => performance.now() });
      const { names, addresses } = answerLimits;
      if (one.question === "reverse") expectLookup(await resolver.reverse("203.0.113.7"), names);
      else expectLookup(await resolver.forward("api.example.com", 4), addresses);
    } finally {
      await server.stop();
    }
  }),
];
