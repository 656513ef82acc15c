/** Any sequence of runs, failures and restarts: the last part of a run over findings that come, grow and go. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { type ErrorCode, ScoutError } from "../lib/errors.ts";
import type { Finding, Message } from "../lib/model.ts";
import { again } from "../lib/notify/again.ts";
import type { Channel } from "../lib/notify/channel.ts";
import { memory } from "../lib/remember/memory.ts";
import { nothingNew, type Store } from "../lib/remember/store.ts";
import { type NotifySettings, prepare, saidOf, send } from "../lib/tell.ts";
import { finding } from "./notify/sample.ts";
import { day, hour, noon, usualNotify } from "./scout-make.ts";

const steps = ["remember", "letters", "outages", "told", "unsent"] as const;
const failing = (...codes: ErrorCode[]) => fc.constantFrom<ErrorCode | null>(null, null, ...codes);
const turn = fc.record({
  wait: fc.integer({ min: 1, max: 40 }),
  slack: failing("channel/unavailable", "channel/refused"),
  sns: failing("channel/rate-limited"),
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

/** What is open then; three findings share the causes, so that they come again. */
function openAt(at: number, all: readonly { from: number; length: number; grows: boolean }[]): Finding[] {
  return all.flatMap(({ from, length, grows }, index) => {
    const [begin, end] = [noon + from * hour, noon + (from + length) * hour];
    if (at < begin || at >= end) return [];
    const isLater = at >= begin + 30 * hour;
    const calls = Math.floor((at - begin) / hour) + 1;
    const change = { count: calls * (grows && isLater ? 5000 : 1), firstSeen: begin, lastSeen: at };
    const owner = { team: "payments", from: "config", channels: ["slack"] };
    return [finding({ id: `f-${index % 3}`, kind: "policy-violation", owner, ...change })];
  });
}

/** As a run does it, from what it found on. */
async function run(
  store: Store,
  channels: ReadonlyMap<string, Channel>,
  causes: Finding[],
  to: number,
  notify: NotifySettings,
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
  const order = { cluster: "prod", to, routes: [], notify };
  const { letters, tellings } = prepare([...saidOf(findings, []), ...due], open, order);
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

it("every finding that is remembered reaches its owner, and never under two ids for one telling", async () => {
  await fc.assert(
    fc.asyncProperty(causes, fc.array(turn, { minLength: 1, maxLength: 15 }), settings, async (all, turns, change) => {
      const notify = { ...usualNotify, ...change, fallbacks: { slack: "sns" }, others: ["sns"] };
      const store = memory();
      const down = new Map<string, ErrorCode | null>();
      const got: { channel: string; message: Message }[] = [];
      const channels = new Map(
        ["slack", "sns"].map((name): [string, Channel] => [
          name,
          {
            name,
            async send(message) {
              const code = down.get(name) ?? null;
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
      for (const { wait, slack, sns, kill } of turns) {
        at += wait * hour;
        down.set("slack", slack).set("sns", sns);
        const used = kill === null ? store : killedAt(store, kill);
        await run(used, channels, openAt(at, all), at, notify).catch((thrown: unknown) => {
          expect(thrown).toMatchObject({ code: "store/unavailable" });
        });
        await open();
      }
      down.clear();
      // In the end all is well, and it is day.
      at = Math.ceil((at + day) / day) * day + 12 * hour;
      await run(store, channels, openAt(at, all), at, notify);
      await open();
      expect(await store.letters("prod")).toEqual([]);
      checkTold(got, remembered);
    }),
    { numRuns: 400 },
  );
});

/** The reports of what waited for a day are messages of their own. */
const isReport = ({ note = "" }: Message) => / waits?\.$/.test(note);

function checkTold(all: readonly { channel: string; message: Message }[], remembered: ReadonlySet<string>): void {
  const got = all.map(({ message }) => message).filter((message) => !isReport(message));
  const first = new Set(
    got
      .filter(({ reason }) => reason === "first")
      .flatMap(({ findings }) => findings.map(({ id, firstSeen }) => `${id} ${firstSeen}`)),
  );
  for (const one of remembered) expect([...first]).toContain(one);
  // A telling is a finding's episode, a reason and, for what comes again, the run.
  const ids = new Map<string, Set<string>>();
  for (const { id: message, reason, at, findings } of got) {
    for (const { id, firstSeen } of findings) {
      const isOnce = reason === "first" || reason === "resolved";
      const telling = `${id} ${firstSeen} ${reason} ${isOnce ? "" : at}`;
      ids.set(telling, (ids.get(telling) ?? new Set()).add(message));
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
