/** `/egress` and its buttons where names are what nobody would call anything. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as z from "zod";
import { openStore } from "../../lib/remember/index.ts";
import { nothingNew } from "../../lib/remember/store.ts";
import { toldFindings } from "../../lib/verdicts/told.ts";
import { pressForm, signed } from "../command/serve-scout.ts";
import { sighting } from "../contract/store.ts";
import { finding } from "../notify/sample.ts";
import { made, now } from "./make.ts";

const hostile = z
  .array(z.object({ value: z.string() }))
  .parse(JSON.parse(readFileSync(new URL("../fuzz/hostile-names.json", import.meta.url), "utf8")))
  .map(({ value }) => value);
const names = [...hostile, "shop & sons", "&lt;!channel&gt;", "<!channel> & `x`", "a&amp;b"];

const replyShape = z.object({
  text: z.string(),
  blocks: z.array(
    z.object({
      text: z.object({ text: z.string() }).optional(),
      elements: z.array(z.object({ value: z.string() })).optional(),
    }),
  ),
});

async function app() {
  const store = await openStore("memory:");
  const sightings = names.map((value, index) => {
    const one = sighting(`key-${index}`);
    const source = { cluster: "prod", namespace: value, workload: value };
    const name = { name: value, from: "ptr", trust: "claimed", why: value } as const;
    return { ...one, source, destination: { ...one.destination, host: value, claim: value }, name };
  });
  const told = sightings.map(({ key, source, destination }, index) => ({
    ...finding({
      id: `id-${index}`,
      kind: "policy-violation",
      owner: { team: names[index] ?? "", from: "config", channels: [] },
    }),
    ...{ key, source, destination },
  }));
  const progress = { end: now, learningSince: null, judgedUntil: null };
  await store.remember("prod", { ...nothingNew(progress), sightings, findings: toldFindings(told, now) });
  return made(store).app;
}

it("each is found by its name, as text alone, with buttons that decide about it", async () => {
  const own = await app();
  for (const [index, value] of names.entries()) {
    const text = value.slice(0, 300);
    const body = new URLSearchParams({ command: "/egress", text: `search ${text}`, user_id: "U012AB3CD" }).toString();
    const answer = await own.request("/slack/commands", { method: "POST", body, headers: signed(body, now) });
    expect([value, answer.status]).toEqual([value, 200]);
    const said = replyShape.parse(await answer.json());
    expect(said.blocks.length).toBeLessThanOrEqual(50);
    const texts = said.blocks.flatMap((block) => block.text?.text ?? []);
    for (const one of [said.text, ...texts]) {
      expect(one.length).toBeLessThanOrEqual(3000);
      // Slack's three are its own escapes or not there; nothing is unseen, and nothing ends a code span before its end.
      expect(one.replaceAll("&amp;", "").replaceAll("\n", "")).toMatch(/^[\x20-\x25\x27-\x3b\x3d\x3f-\x7e]*$/);
    }
    for (const line of said.text.split("\n")) expect(line).toMatch(/^`[^`]*`$/);
    for (const one of texts) expect(one).not.toContain("`");
    // What no form carries, and words between which there is more than a space.
    if (!text.isWellFormed() || text !== text.trim() || /\s{2}|[^\S ]/.test(text) || text === "") continue;
    const ids = said.blocks.flatMap(({ elements = [] }) => elements.map((one) => one.value));
    if (value.length <= 300) expect([value, ids]).toEqual([value, expect.arrayContaining([`id-${index}`])]);
  }
});

it("an ampersand is one", async () => {
  const own = await app();
  const body = new URLSearchParams({ command: "/egress", text: "shop & sons", user_id: "U012AB3CD" }).toString();
  const answer = await own.request("/slack/commands", { method: "POST", body, headers: signed(body, now) });
  const { text, blocks } = replyShape.parse(await answer.json());
  expect(text).toBe("`shop &amp; sons: 1 destination of 1 workload`");
  expect(blocks[1]?.text?.text).toContain("owner shop &amp; sons, told as policy-violation");
});

it.each(["\u{1b}[2J", "deny\u{e2880}", "", "a".repeat(256)])(
  "a button called %j is none of ours, and no log tells of it",
  async (action) => {
    const { app: own, logged } = made(await openStore("memory:"));
    const body = pressForm({ action, value: "f-4be1c09a77d2" });
    const answer = await own.request("/slack/actions", { method: "POST", body, headers: signed(body, now) });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("payload.actions.0.action_id: no action of a message of egress-scout");
    expect(logged).toEqual([]);
  },
);
