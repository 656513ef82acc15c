/** A channel that is dead for months while the mesh is busy: what waits stays small, and every finding is told to somebody. */
import { expect, it } from "vitest";
import { ScoutError } from "../../lib/errors.ts";
import type { Message } from "../../lib/model.ts";
import type { Channel } from "../../lib/notify/channel.ts";
import { memory } from "../../lib/remember/memory.ts";
import { nothingNew } from "../../lib/remember/store.ts";
import { prepare, saidOf, send } from "../../lib/tell.ts";
import { finding } from "../notify/sample.ts";
import { day, hour, noon, usualNotify } from "../scout-make.ts";

it.each([
  ["slack", 1],
  ["slack", 30],
  ["gone", 1],
])("the channel %s takes nothing for 90 days, with %i findings each three hours", async (name, each) => {
  const store = memory();
  const got: { channel: string; message: Message }[] = [];
  let isDown = true;
  const channel = (own: string): Channel => ({
    name: own,
    async send(message) {
      if (isDown && own === "slack") throw new ScoutError("channel/unavailable", "slack is away");
      got.push({ channel: own, message });
    },
  });
  const channels = new Map(["slack", "sns"].map((one) => [one, channel(one)]));
  const notify = { ...usualNotify, others: ["sns"] };
  const all = new Set<string>();
  const warned = new Set<string>();
  let most = { letters: 0, findings: 0 };
  const run = async (to: number, ids: string[]) => {
    const owner = { team: "payments", from: "config", channels: [name] };
    const findings = ids.map((id) => finding({ id, owner, firstSeen: to, lastSeen: to }));
    const order = { cluster: "prod", to, routes: [], notify };
    const { letters } = await prepare(
      saidOf(findings, []),
      { before: new Map(), opened: [], tellings: new Map() },
      order,
    );
    const progress = { end: to, learningSince: null, judgedUntil: null };
    await store.remember("prod", { ...nothingNew(progress), letters });
    const { warnings } = await send({ store, channels }, order);
    for (const one of warnings) warned.add(one.replace(/since.*/, ""));
    const waiting = await store.letters("prod");
    const findingsWaiting = waiting.reduce((sum, { message }) => sum + message.findings.length, 0);
    most = {
      letters: Math.max(most.letters, waiting.length),
      findings: Math.max(most.findings, findingsWaiting),
    };
  };
  for (let at = noon; at < noon + 90 * day; at += 3 * hour) {
    const ids = Array.from({ length: each }, (_, n) => `f-${at}-${n}`);
    for (const id of ids) all.add(id);
    await run(at, ids);
  }
  expect(most.letters).toBeLessThanOrEqual(200);
  expect(most.findings).toBeLessThanOrEqual(2_000);
  const told = (some: typeof got) => new Set(some.flatMap(({ message: { findings } }) => findings.map(({ id }) => id)));
  const waiting = (await store.letters("prod")).map(({ channel, message }) => ({ channel, message }));
  expect(told([...got, ...waiting])).toEqual(all);
  expect([...warned].some((one) => one.startsWith(`${name} could not be told`))).toBe(true);
  isDown = false;
  await run(noon + 91 * day, []);
  if (name === "slack") {
    expect(await store.letters("prod")).toEqual([]);
    const back = got.filter(({ channel }) => channel === "slack");
    expect(told(back)).toEqual(told(waiting));
    expect(back.some(({ message: { note } }) => note?.startsWith("In the place of what waited for slack since"))).toBe(
      true,
    );
  }
});
