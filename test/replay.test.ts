/** A replay tells what runs at its steps would have sent: what is new, what is over, and what is said again, then and to whom. */
import { describe, expect, it } from "vitest";
import { policiesOf } from "../lib/policy/index.ts";
import { memory } from "../lib/remember/memory.ts";
import { replay } from "../lib/replay.ts";
import type { Order } from "../lib/scout.ts";
import type { NotifySettings } from "../lib/tell.ts";
import { day, hour, minute, noon, requested, usualNotify, usualOrder, world } from "./scout-make.ts";

const step = 2 * hour;
const policies = policiesOf([{ name: "no wiki", deny: ["en.wikipedia.org"] }]);
const end = noon + 2 * day;

/** A policy is violated for a day and a half, and something is new at night. */
const wikipedia = Array.from({ length: 36 * 4 }, (_, n) => noon + hour + n * 15 * minute);
const history = () =>
  world(
    requested("known.example.com", [noon - hour, noon + 15 * minute], {}, end),
    requested("en.wikipedia.org", wikipedia, {}, end),
    requested("new.example.com", [noon + 11 * hour], {}, end),
  );

/** `day hour channel reason` of each message, with how many findings. */
const text = (at: number, channel: string | null, reason: string, count: number) =>
  `${new Date(at).toISOString().slice(8, 16)} ${channel} ${reason} x${count}`;

async function replayed(change: Partial<Order>, one = history()) {
  const { messages, found } = await replay(
    { ...one.parts, store: memory() },
    { ...usualOrder, ...change, now: noon, from: noon, to: end, step },
  );
  const sent = messages.map(({ at, channel, reason, findings }) => text(at, channel, reason, findings.length));
  return { sent, found };
}

/** The same by runs. */
async function scanned(change: Partial<Order>) {
  const one = history();
  const sent: string[] = [];
  await one.run(noon, change);
  for (let to = noon + step; to <= end; to += step) {
    const { deliveries } = await one.run(to, change);
    for (const { letter } of deliveries) {
      sent.push(text(to, letter.channel, letter.message.reason, letter.message.findings.length));
    }
  }
  return sent;
}

const quiet: NotifySettings["quiet"] = { shop: { from: "22:00", to: "07:00", zone: "UTC", except: "none" } };

describe("a replay", () => {
  it.each<[what: string, notify: Partial<NotifySettings>]>([
    ["repeats with back-off", { repeat: 4 * hour }],
    ["digests", { repeat: 0, digest: { every: "daily", at: "09:00", zone: "UTC" } }],
    ["what waits for the end of quiet hours", { repeat: 6 * hour, quiet }],
  ])("tells %s as runs would", async (_, notify) => {
    const change = { policies, notify: { ...usualNotify, ...notify } };
    const { sent } = await replayed(change);
    expect(sent).toEqual(await scanned(change));
    expect(sent.length).toBeGreaterThan(2);
  });

  it("says of a finding when it was told, though that is later", async () => {
    const { found } = await replayed({ notify: { ...usualNotify, quiet } });
    const night = noon + 12 * hour;
    expect(found.map(({ at, told }) => [at, told])).toContainEqual([
      night,
      [{ channel: "slack", reason: "first", at: noon + 20 * hour }],
    ]);
  });

  it("counts messages that have no channel", async () => {
    const one = history();
    one.parts.owners = [];
    const { sent } = await replayed({ policies, notify: { ...usualNotify, repeat: 20 * hour, backoff: 1 } }, one);
    expect(sent.map((text) => text.slice(9))).toEqual([
      "null first x1",
      "null first x1",
      "null repeat x1",
      "null resolved x1",
    ]);
  });
});
