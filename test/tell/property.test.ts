/** Any sequence of runs, failures and restarts: the last part of a run over findings that come, grow and go. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { type ErrorCode, ScoutError } from "../../lib/errors.ts";
import type { Finding, Message } from "../../lib/model.ts";
import { again } from "../../lib/notify/again.ts";
import type { Channel } from "../../lib/notify/channel.ts";
import type { Route } from "../../lib/notify/compose.ts";
import { memory } from "../../lib/remember/memory.ts";
import { nothingNew, type Store } from "../../lib/remember/store.ts";
import { type NotifySettings, prepare, saidOf, send } from "../../lib/tell.ts";
import { finding } from "../notify/sample.ts";
import { day, hour, noon, usualNotify } from "../scout-make.ts";

const steps = ["remember", "letters", "outages", "told", "unsent"] as const;
const failing = (...codes: ErrorCode[]) => fc.constantFrom<ErrorCode | null>(null, null, ...codes);
const turn = fc.record({
  wait: fc.integer({ min: 1, max: 40 }),
  slack: failing("channel/unavailable", "channel/refused"),
  chat: failing("channel/unavailable"),
  sns: failing("channel/rate-limited", "channel/refused"),
  /** A finding that a channel does not take in any letter, while it takes others. */
  poison: fc.option(
    fc.record({
      channel: fc.constantFrom("slack", "chat", "sns"),
      id: fc.constantFrom("f-0", "f-1"),
      code: fc.constantFrom<ErrorCode>("channel/unavailable", "channel/refused"),
    }),
  ),
  /** Where the process is killed: before or after the nth call of that method. */
  kill: fc.option(
    fc.record({ step: fc.constantFrom(...steps), isAfter: fc.boolean(), nth: fc.integer({ min: 1, max: 3 }) }),
  ),
});
/** When each finding's cause begins and ends, in hours; it may come again. */
const causes = fc.array(
  fc.record({ from: fc.integer({ min: 0, max: 100 }), length: fc.integer({ min: 1, max: 400 }), grows: fc.boolean() }),
  { minLength: 1, maxLength: 5 },
);
const settings = fc.record({
  quietAfter: fc.nat(3),
  digest: fc.constantFrom<NotifySettings["digest"]>(null, { every: "daily", at: "09:00", zone: "UTC" }),
  quiet: fc.constantFrom<NotifySettings["quiet"]>(
    {},
    { payments: { from: "20:00", to: "08:00", zone: "Europe/Berlin", except: "none" } },
  ),
});
/** Whom routes tell as well: the fallback of the others, of all or of what became critical. */
const someRoutes = fc.constantFrom<readonly Route[]>(
  [],
  [{ match: {}, channels: ["sns"] }],
  [{ match: { severity: "critical" }, channels: ["sns"] }],
  [{ match: { severity: "critical" }, channels: ["chat"] }],
);
const owners = fc.constantFrom<string[]>(["slack"], ["slack", "chat"], ["slack", "sns"]);

/** What is open then; three findings share the causes, so that they come again. */
function openAt(
  at: number,
  all: readonly { from: number; length: number; grows: boolean }[],
  channels: string[],
): Finding[] {
  return all.flatMap(({ from, length, grows }, index) => {
    const [begin, end] = [noon + from * hour, noon + (from + length) * hour];
    if (at < begin || at >= end) return [];
    const isLater = at >= begin + 30 * hour;
    const calls = Math.floor((at - begin) / hour) + 1;
    const change = { count: calls * (grows && isLater ? 5000 : 1), firstSeen: begin, lastSeen: at };
    const owner = { team: "payments", from: "config", channels };
    const severity = grows && isLater ? "critical" : "warning";
    return [finding({ id: `f-${index % 3}`, kind: "policy-violation", owner, severity, ...change })];
  });
}

/** As a run does it, from what it found on. */
async function run(
  store: Store,
  channels: ReadonlyMap<string, Channel>,
  causes: Finding[],
  to: number,
  { notify, routes }: { notify: NotifySettings; routes: readonly Route[] },
) {
  const before = await store.open("prod");
  // What stays open keeps its beginning, as detectors have it.
  const now = [...new Map(causes.map((one) => [one.id, one])).values()].map((one): Finding => {
    return { ...one, firstSeen: before.get(one.id)?.firstSeen ?? one.firstSeen };
  });
  const ids = new Set(now.map(({ id }) => id));
  const over = [...before.values()].filter(({ id }) => !ids.has(id));
  const news = now.filter(({ id }) => !before.has(id));
  const findings = [...news, ...over.map((one): Finding => ({ ...one, state: "resolved" }))];
  const open = {
    before,
    opened: now,
    closed: over.map(({ id }) => id),
    findings,
    tellings: await store.tellings("prod"),
  };
  const due = again(open, notify, (await store.progress("prod"))?.end ?? null, to);
  const order = { cluster: "prod", to, routes, notify };
  const { letters, tellings } = await prepare([...saidOf(findings, []), ...due], open, order);
  const progress = { end: to, learningSince: null, judgedUntil: null };
  const { opened, closed } = open;
  await store.remember("prod", { ...nothingNew(progress), letters, opened, closed, tellings });
  await send({ store, channels }, order);
}

function killedAt(
  store: Store,
  { step, isAfter, nth }: { step: (typeof steps)[number]; isAfter: boolean; nth: number },
): Store {
  const plain = store[step] as (...args: unknown[]) => Promise<unknown>;
  let calls = 0;
  const killed = async (...args: unknown[]) => {
    calls += 1;
    if (calls > nth) throw new ScoutError("store/unavailable", "it is dead");
    if (calls < nth || isAfter) {
      const result = await plain(...args);
      if (calls < nth) return result;
    }
    throw new ScoutError("store/unavailable", "it is killed");
  };
  return { ...store, [step]: killed };
}

it("every finding that is remembered reaches its owner, in order, and no channel is told twice", async () => {
  const worlds = fc.record({ causes, turns: fc.array(turn, { minLength: 1, maxLength: 15 }), change: settings });
  const places = fc.record({ routes: someRoutes, owner: owners });
  await fc.assert(
    fc.asyncProperty(worlds, places, async ({ causes: all, turns, change }, { routes, owner }) => {
      const notify = { ...usualNotify, ...change, fallbacks: { slack: "sns", chat: "sns" }, others: ["sns"] };
      const store = memory();
      const down = new Map<string, ErrorCode | null>();
      let poison: (typeof turns)[number]["poison"] = null;
      const got: Got[] = [];
      const channels = new Map(
        ["slack", "chat", "sns"].map((name): [string, Channel] => [
          name,
          {
            name,
            async send(message) {
              const isBad = poison?.channel === name && message.findings.some(({ id }) => id === poison?.id);
              const code = down.get(name) ?? (isBad ? (poison?.code ?? null) : null);
              if (code !== null) throw new ScoutError(code, `${name} is away`);
              got.push({ channel: name, message });
            },
          },
        ]),
      );
      const remembered = new Set<string>();
      const open = async () => {
        for (const { id, firstSeen } of (await store.open("prod")).values()) remembered.add(`${id} ${firstSeen}`);
      };
      let at = noon;
      for (const { wait, slack, chat, sns, kill, ...now } of turns) {
        at += wait * hour;
        down.set("slack", slack).set("chat", chat).set("sns", sns);
        poison = now.poison;
        const used = kill === null ? store : killedAt(store, kill);
        await run(used, channels, openAt(at, all, owner), at, { notify, routes }).catch((thrown: unknown) => {
          expect(thrown).toMatchObject({ code: "store/unavailable" });
        });
        await open();
      }
      down.clear();
      poison = null;
      // In the end all is well, and it is day.
      at = Math.ceil((at + day) / day) * day + 12 * hour;
      await run(store, channels, openAt(at, all, owner), at, { notify, routes });
      await open();
      expect(await store.letters("prod")).toEqual([]);
      checkTold(got, remembered);
      checkOrder(
        got,
        turns.every(({ kill }) => kill === null),
      );
    }),
    { numRuns: 400 },
  );
});

interface Got {
  channel: string;
  message: Message;
}

/** The reports of what waited for a day are messages of their own. */
const isReport = ({ note = "" }: Message) => / waits?\.$/.test(note);

function checkTold(all: readonly Got[], remembered: ReadonlySet<string>): void {
  const got = all.map(({ message }) => message).filter((message) => !isReport(message));
  // What a fallback was told in a later state already, it is not told in the first one.
  const reached = new Set(got.flatMap(({ findings }) => findings.map(({ id, firstSeen }) => `${id} ${firstSeen}`)));
  for (const one of remembered) expect([...reached]).toContain(one);
  // A telling is a finding's episode, a reason and, for what comes again, the run. To one channel it has one id.
  const ids = new Map<string, Set<string>>();
  for (const { channel, message } of all.filter((one) => !isReport(one.message))) {
    for (const { id, firstSeen } of message.findings) {
      const isOnce = message.reason === "first" || message.reason === "resolved";
      const telling = `${channel} ${id} ${firstSeen} ${message.reason} ${isOnce ? "" : message.at}`;
      ids.set(telling, (ids.get(telling) ?? new Set()).add(message.id));
    }
  }
  for (const [telling, some] of ids) expect([telling, some.size]).toEqual([telling, 1]);
  // And the other way round: one id is one message, wherever it came to.
  const texts = new Map<string, string>();
  for (const { note: _, ...message } of got) {
    const text = JSON.stringify(message);
    expect(texts.get(message.id) ?? text).toBe(text);
    texts.set(message.id, text);
  }
}

/** Of one finding, no channel is told the later before the earlier; nor the same twice, unless a run was killed. */
function checkOrder(all: readonly Got[], isOnce: boolean): void {
  const last = new Map<string, number>();
  for (const { channel, message } of all) {
    if (isReport(message)) continue;
    for (const { id } of message.findings) {
      const key = `${channel} ${id}`;
      const before = last.get(key) ?? -1;
      const telling = `${key} ${message.reason}`;
      expect([telling, message.at >= before]).toEqual([telling, true]);
      if (isOnce) expect([telling, message.at]).not.toEqual([telling, before]);
      last.set(key, message.at);
    }
  }
}
