/** The adapter against a server that misbehaves: an outage is never "no name", and nobody waits longer than said. */
import { createHook } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import { type HostileReply, startHostileDns } from "../tools/hostile-dns.ts";
import { ask, foundNames, hostile, none, ptr, timed, whys } from "./dns-make.ts";

describe("an outage is told apart from no name", () => {
  test.each(["SERVFAIL", "REFUSED", "NOTIMP", "FORMERR"] as const)("%s fails, and is not asked again", async (code) => {
    const server = await hostile(() => ({ rcode: code }));
    const said = code === "FORMERR" ? "EFORMERR" : `E${code}`;
    const resolver = ask([server]);
    expect(await resolver.reverse("203.0.113.7")).toEqual({ status: "failed", why: `${said} from ${server.server}` });
    expect(await resolver.forward("api.example.com", 4)).toEqual({
      status: "failed",
      why: `${said} from ${server.server}`,
    });
    expect(server.asked).toHaveLength(2);
  });

  test("NXDOMAIN is no outage", async () => {
    const server = await hostile(() => ({ rcode: "NXDOMAIN" }));
    expect(await ask([server]).reverse("203.0.113.7")).toEqual(none);
  });

  test("nobody listens", async () => {
    const gone = await startHostileDns(() => ({ silence: true }));
    await gone.stop();
    expect(await ask([gone]).reverse("203.0.113.7")).toEqual({
      status: "failed",
      why: `ECONNREFUSED from ${gone.server}`,
    });
  });

  test("silence fails after two deadlines, and is asked twice", async () => {
    const server = await hostile(() => ({ silence: true }));
    const { value, took } = await timed(ask([server]).reverse("203.0.113.7"));
    expect(value).toEqual({ status: "failed", why: `ETIMEOUT from ${server.server}: no answer in 200ms` });
    expect(server.asked).toHaveLength(2);
    expect(took).toBeGreaterThan(350);
    expect(took).toBeLessThan(3 * 400);
  });

  test("what is late is cancelled: nothing of it stays open", async () => {
    const open = new Set<number>();
    const hook = createHook({
      init: (id, type) => void (type === "QUERYWRAP" && open.add(id)),
      destroy: (id) => void open.delete(id),
    }).enable();
    const server = await hostile(() => ({ silence: true }));
    const asked = ask([server]).reverse("203.0.113.7");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(open.size).toBe(1);
    await asked;
    await new Promise((resolve) => setTimeout(resolve, 20));
    hook.disable();
    expect(open.size).toBe(0);
  });

  test("a packet lost once costs one deadline, no name", async () => {
    let lost = false;
    const server = await hostile(() => {
      if (lost) return ptr("api.example.com");
      lost = true;
      return { silence: true };
    });
    expect(await ask([server]).reverse("203.0.113.7")).toEqual(foundNames("api.example.com"));
  });
});

describe("answers no honest server sends never throw", () => {
  const question = (query: Buffer): Buffer => query.subarray(12, query.indexOf(0, 12) + 5);
  const cases: [string, HostileReply][] = [
    ["garbage", { raw: () => Buffer.from("this is no DNS message at all") }],
    ["nothing", { raw: () => Buffer.alloc(0) }],
    ["another id", { raw: (query) => Buffer.concat([Buffer.from([query[0]! ^ 255]), query.subarray(1)]) }],
    [
      "a header that promises records which do not come",
      {
        raw: (query) =>
          Buffer.concat([query.subarray(0, 2), Buffer.from([0x81, 0x80, 0, 1, 0, 9, 0, 0, 0, 0]), question(query)]),
      },
    ],
    [
      "a name that points at itself",
      {
        raw: (query) =>
          Buffer.concat([
            query.subarray(0, 2),
            Buffer.from([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]),
            question(query),
            Buffer.from([0xc0, 0x0c, 0, 12, 0, 1, 0, 0, 0, 60, 0, 2, 0xc0, 12 + question(query).length + 12]),
          ]),
      },
    ],
    ["truncated, with nobody on TCP", { truncated: true }],
  ];

  test.each(cases)("%s is a failure", async (_, reaction) => {
    const server = await hostile(() => reaction);
    const { value, took } = await timed(ask([server]).reverse("203.0.113.7"));
    expect(value).toMatchObject({ status: "failed", why: expect.stringContaining(server.server) });
    expect(took).toBeLessThan(3 * 400);
  });

  test("a CNAME loop and records of another type are no name", async () => {
    const loop = await hostile(({ name }) => ({
      answers: [{ type: "CNAME", name, data: name, ttl: 60 }],
    }));
    expect(await ask([loop]).reverse("203.0.113.7")).toEqual(none);
    const other = await hostile(({ name }) => ({
      answers: [{ type: "A", name, data: "192.0.2.1", ttl: 60 }],
    }));
    expect(await ask([other]).reverse("203.0.113.7")).toEqual(none);
  });

  test("the query sent back, which c-ares takes for an answer, names nothing", async () => {
    const server = await hostile(() => ({ raw: (query) => query }));
    expect(await ask([server]).reverse("203.0.113.7")).not.toMatchObject({ status: "found" });
  });

  test("bytes and dots inside a label come as escapes, the root as nothing", async () => {
    const server = await hostile(({ name }) => ptr(name.startsWith("7.") ? "evil\\010na\\.me.example.com" : "."));
    expect(await ask([server]).reverse("203.0.113.7")).toEqual(foundNames("evil\\010na\\.me.example.com"));
    expect(await ask([server]).reverse("203.0.113.8")).toEqual(foundNames(""));
  });
});

describe("one look-up does not hurt another", () => {
  test("a cancel ends its own question alone", async () => {
    const server = await hostile(async ({ name }) => {
      if (name.startsWith("1.")) return { silence: true };
      await new Promise((resolve) => setTimeout(resolve, 150));
      return ptr("api.example.com");
    });
    const resolver = ask([server], { concurrency: 3 });
    const addresses = Array.from({ length: 12 }, (_, index) => `203.0.113.${index + 1}`);
    const found = await Promise.all(addresses.map((address) => resolver.reverse(address)));
    expect(found.map(({ status }) => status)).toEqual(["failed", ...Array(11).fill("found")]);
  });

  test("a silent server is left after its first time-outs", async () => {
    const silent = await hostile(() => ({ silence: true }));
    const good = await hostile(() => ptr("api.example.com"));
    const resolver = ask([silent, good], { concurrency: 4 });
    const addresses = Array.from({ length: 60 }, (_, index) => `203.0.113.${index + 1}`);
    const { value, took } = await timed(Promise.all(addresses.map((address) => resolver.reverse(address))));
    expect(value.every(({ status }) => status === "found")).toBe(true);
    // 60 questions that each tried the silent server first would take 60 / 4 × 200 ms; only three of a zone are let in at first.
    expect(silent.asked).toHaveLength(3);
    expect(took).toBeLessThan(3000);
  });
});

describe("the budget", () => {
  const used = "the look-up budget of 0.5s is used up";

  test("ends everything, those under way and those that wait", async () => {
    const server = await hostile(() => ({ silence: true }));
    const resolver = ask([server], { concurrency: 4, budget: 500 });
    // Each in a zone of its own: a dead zone would be skipped.
    const addresses = Array.from({ length: 100 }, (_, index) => `100.64.${index}.1`);
    const { value, took } = await timed(Promise.all(addresses.map((address) => resolver.reverse(address))));
    expect(took).toBeLessThan(3 * 500);
    expect(whys(value).filter((why) => why === used).length).toBeGreaterThan(80);
    expect(value.every(({ status }) => status === "failed")).toBe(true);
    const before = server.asked.length;
    expect(await resolver.forward("api.example.com", 4)).toEqual({ status: "failed", why: used });
    expect(server.asked).toHaveLength(before);
  });

  test("that ends before the second deadline is what is said, not that the server took too long", async () => {
    const server = await hostile(() => ({ silence: true }));
    const why = "the look-up budget of 0.3s is used up";
    expect(await ask([server], { budget: 300 }).reverse("203.0.113.7")).toEqual({ status: "failed", why });
  });

  test("is not waited for where the rate cannot keep it", async () => {
    const server = await hostile(() => ptr("api.example.com"));
    const resolver = ask([server], { perSecond: 10, concurrency: 1, budget: 500 });
    const addresses = Array.from({ length: 50 }, (_, index) => `203.0.113.${index + 1}`);
    const found = await Promise.all(addresses.map((address) => resolver.reverse(address)));
    expect(found.filter(({ status }) => status === "found").length).toBeLessThanOrEqual(5);
    expect(whys(found).filter((why) => why === used).length).toBeGreaterThanOrEqual(45);
  });
});
