/** Every name of the hostile corpus as a PTR answer: from a table as text, and from a server as bytes on the wire. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dns } from "../../lib/enrich/dns.ts";
import { nameAll } from "../../lib/enrich/names.ts";
import { naming } from "../../lib/enrich/naming.ts";
import type { Resolver } from "../../lib/enrich/resolver.ts";
import type { Destination, Name, Trust } from "../../lib/model.ts";
import { type HostileDns, startHostileDns, wireLabels } from "../tools/hostile-dns.ts";
import { fakeResolver } from "./fake-resolver.ts";

interface Hostile {
  id: string;
  value: string;
  channel: string;
  expect: string;
}

const corpus: Hostile[] = JSON.parse(readFileSync(new URL("../data/hostile-names.json", import.meta.url), "utf8"));
/** It says what it stands for: 120 PTR records, which dns.test.ts has. */
const cases = corpus
  .filter(({ expect: wanted }) => wanted !== "cap")
  .map((one, index) => ({ ...one, address: `198.51.100.${index}` }));

/** What the corpus expects of a value, as what may become of it as a PTR answer, first where the name resolves elsewhere. */
function allowed(wanted: string): Trust[] {
  if (/^(reject|internal|ip-literal)/.test(wanted)) return ["refused"];
  if (wanted === "generic") return ["generic"];
  if (wanted === "accept-or-generic") return ["contradicted", "generic"];
  return ["contradicted"];
}

function destination(address: string): Destination {
  return { verdict: "allowed", protocol: "tcp", host: null, address, port: 443, sni: null, claim: null };
}

/** Every name resolves, and to somebody else. */
const elsewhere = (resolver: Resolver): Resolver => ({
  ...resolver,
  forward: async () => ({ status: "found", values: ["192.0.2.99"], ttl: 0 }),
  again: async () => ({ status: "found", values: ["192.0.2.99"], ttl: 0 }),
});

async function only(address: string, resolver: Resolver): Promise<Name> {
  const unnamed = { destination: destination(address), addresses: [address] };
  const { names: all, failures } = await nameAll([unnamed], naming({ resolver }));
  const names = all[0] ?? [];
  expect(failures).toEqual([]);
  expect(names).toHaveLength(1);
  expect(`${names[0]?.name}${names[0]?.why}`).toMatch(/^[\x20-\x7e]+$/);
  expect(names[0]?.name).not.toMatch(/[<>&`]/);
  return names[0] as Name;
}

describe("as text", () => {
  test.each(cases)("$id: $expect", async ({ value, address, expect: wanted }) => {
    const answers = fakeResolver({ [`ptr ${address}`]: [value] });
    expect(allowed(wanted)).toContain((await only(address, elsewhere(answers))).trust);
    // Without an answer forward the same name is at most a claim.
    const unresolved = await only(address, answers);
    expect(allowed(wanted).map((trust) => (trust === "contradicted" ? "claimed" : trust))).toContain(unresolved.trust);
  });

  test("a name that is accepted is confirmed by its own address, and by nothing else", async () => {
    for (const { value, address, expect: wanted } of cases.filter((one) => allowed(one.expect)[0] === "contradicted")) {
      const host = value.toLowerCase().replace(/\.$/, "");
      const answers = fakeResolver({ [`ptr ${address}`]: [value], [`4 ${host}`]: [address] });
      expect((await only(address, answers)).trust, `${value} ${wanted}`).toMatch(/^(confirmed|generic)$/);
    }
  });

  test("a normalized name comes in lower case", async () => {
    const answers = fakeResolver({ "ptr 198.51.100.1": ["API.Stripe.COM"] });
    expect((await only("198.51.100.1", answers)).name).toBe("api.stripe.com");
  });
});

describe("as bytes on the wire", () => {
  const sendable = cases.flatMap((one) => {
    const labels = wireLabels(one.value);
    return labels === null ? [] : [{ ...one, labels }];
  });
  let server: HostileDns;

  beforeAll(async () => {
    server = await startHostileDns(({ type, name }) => {
      const last = name.split(".")[0];
      const one = sendable.find(({ address }) => type === "PTR" && address === `198.51.100.${last}`);
      if (one !== undefined) return { ptr: [one.labels] };
      return { answers: [{ type: "A", name, data: "192.0.2.99", ttl: 60 }] };
    });
  });
  afterAll(async () => server.stop());

  test("nearly all of the corpus can be sent", () => {
    expect(sendable.length).toBeGreaterThan(cases.length - 8);
  });

  test.each(sendable)("$id: $expect", async ({ address, expect: wanted }) => {
    const resolver = dns({ servers: [server.server], now: Date.now });
    const { trust } = await only(address, resolver);
    expect(allowed(wanted)).toContain(trust);
  });
});
