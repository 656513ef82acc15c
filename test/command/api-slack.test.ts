/** `/egress` as people write it in Slack: signed, over HTTP, answered in time, the rest by response_url. */

import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type SlackApi, slackApi } from "../receivers/slack-api.ts";
import { heldPast, type SetUp, serveApi } from "./api-set-up.ts";
import type { HeldPast } from "./past.ts";
import { pressForm, signed } from "./serve-scout.ts";

let held: HeldPast;
let slack: SlackApi;
let at: SetUp;
beforeAll(async () => {
  held = await heldPast();
});
afterAll(() => held.stop());
beforeEach(async () => {
  slack = await slackApi();
});
afterEach(async () => {
  await at.served.stop();
  const { faults } = slack;
  await slack.close();
  expect(faults).toEqual([]);
});

interface Said {
  response_type: string;
  text: string;
  blocks: { type: string; text?: { text: string }; elements?: { action_id: string; value: string }[] }[];
}
const begun = async (more = {}) => {
  at = await serveApi(held, { slackApi: slack.apiUrl, ...more });
};
const ask = async (text: string, more: Record<string, string> = {}): Promise<Said> => {
  const response = await at.command(text, { response_url: slack.responseUrl, ...more });
  expect(response.status).toBe(200);
  return JSON.parse(await response.text());
};
const textOf = ({ blocks }: Said) => blocks.map(({ text }) => text?.text ?? "").join("\n");
const later = async () => {
  await expect.poll(() => slack.replies.length, { timeout: 30_000 }).toBeGreaterThan(0);
  return (
    slack.replies
      .at(-1)
      ?.blocks.map(({ text }) => text?.text ?? "")
      .join("\n") ?? ""
  );
};

describe("a search", () => {
  it("by namespace, team or destination is answered at once, with buttons and what was decided", async () => {
    await begun();
    const shop = await ask("shop");
    expect(shop.response_type).toBe("ephemeral");
    expect(textOf(shop)).toMatch(/^shop: 3 destinations of 1 workload\nshop\/web in prod: /);
    expect(textOf(shop)).toContain("owner shop &amp; sons");
    expect(textOf(await ask("shop & sons"))).toMatch(/3 destinations of 1 workload/);
    const stripe = await ask("  API.Stripe.com ");
    expect(textOf(stripe)).toMatch(
      /^API\.Stripe\.com: 1 destination of 1 workload\nbatch\/job in prod: api\.stripe\.com:80.*\nhttp, allowed, 3 calls or more, .* UTC to .* UTC\nowner platform/,
    );
    const [row] = stripe.blocks.filter(({ type }) => type === "actions");
    expect(row?.elements?.map(({ action_id }) => action_id)).toEqual(["acknowledge", "snooze-7d", "expected", "deny"]);
    const id = row?.elements?.[0]?.value ?? "";
    expect((await at.post("/api/v1/verdicts", { id, verdict: "approved" })).status).toBe(200);
    expect(textOf(await ask("stripe"))).toContain("owner platform, approved");
    expect(textOf(await ask("search plan"))).toContain("Nothing is remembered of plan");
    expect(slack.replies).toEqual([]);
  });

  it("has buttons only where they decide: of what nobody was told of it says how else", async () => {
    await begun();
    const shop = await ask("shop");
    const rows = shop.blocks.flatMap(({ elements }) => elements?.[0]?.value ?? []);
    // One was told as new, the other as a violation of a policy alone.
    expect(rows).toHaveLength(2);
    expect(textOf(shop)).toMatch(/never\.example\.com.*\n.*\n.*, told as policy-violation/);
    for (const value of rows) {
      const body = pressForm({ action: "expected", value, responseUrl: slack.responseUrl });
      const pressed = await fetch(`${at.served.url}/slack/actions`, { method: "POST", body, headers: signed(body) });
      expect(pressed.status).toBe(200);
      expect(slack.replies.at(-1)?.text).toContain(`${value} (`);
      expect(slack.replies.at(-1)?.text).toContain(": expected, without end.");
    }
    const [, id = ""] =
      /known\.example\.com.*\n.*\n.*, to decide: egress-scout verdict set ([0-9a-f]{32})/.exec(textOf(shop)) ?? [];
    expect((await at.post("/api/v1/verdicts", { id, verdict: "approved" })).status).toBe(200);
    expect(textOf(await ask("known.example"))).toContain("owner shop &amp; sons, approved");
  });

  it("is for those who may decide; help is for all, and what is not signed is refused", async () => {
    await begun();
    const eve = { user_id: "U0SOMEBODY", user_name: "eve" };
    for (const text of ["shop", "scan", "plan shop"])
      expect(textOf(await ask(text, eve))).toBe(
        "Nothing is looked for: that is for <@U012AB3CD> (`slack.allow` of the config).",
      );
    expect(textOf(await ask("help", eve))).toContain("/egress plan NAMESPACE");
    expect(textOf(await ask("", eve))).toContain("/egress scan [cluster]");
    const body = new URLSearchParams({ command: "/egress", text: "shop", user_id: "U012AB3CD" }).toString();
    const send = (headers: Record<string, string>, sent = body) =>
      fetch(`${at.served.url}/slack/commands`, { method: "POST", body: sent, headers });
    expect((await send({})).status).toBe(401);
    expect((await send(signed(body, Date.now() - 301_000))).status).toBe(401);
    expect((await send(signed(body), `${body}&text=stripe`)).status).toBe(401);
    const twice = `${body}&text=stripe`;
    expect((await send(signed(twice), twice)).status).toBe(400);
    const long = new URLSearchParams({ command: "/egress", text: "x".repeat(400), user_id: "U012AB3CD" }).toString();
    expect((await send(signed(long), long)).status).toBe(400);
  });

  it("what is asked comes back as text alone", async () => {
    await begun();
    const said = await ask("<!channel> `*x*` <https://evil.example|here>\u0000");
    expect(JSON.stringify(said)).not.toMatch(/<!channel>|<https/);
  });
});

describe("a plan and a scan", () => {
  it("are answered at once and come by response_url", async () => {
    await begun();
    expect(textOf(await ask("plan batch"))).toBe("Looking at 30 days of batch in prod: the plan comes here.");
    const plan = await later();
    expect(plan).toMatch(/^batch in prod: REGISTRY_ONLY would break 1 of 1 flow; with the plan's 1 manifest, 0\./);
    expect(plan).toContain("kind: ServiceEntry");
    slack.replies.length = 0;
    expect(textOf(await ask("scan"))).toMatch(/^Scanning prod: /);
    expect(await later()).toMatch(/^prod from .* to .*: (nothing new|\d+ finding)/);
    slack.replies.length = 0;
    expect(textOf(await ask("plan nowhere prod"))).toContain("the plan comes here");
    expect(await later()).toContain("no call of it went through a catch-all");
    expect(textOf(await ask("scan other"))).toContain("the config has no cluster");
  });

  it("with a Prometheus that does not answer: Slack has its answer in time, and the reason comes later", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await begun({ prometheus: `http://127.0.0.1:${port}", timeout: "1s` });
    expect(textOf(await ask("plan shop"))).toContain("the plan comes here");
    expect(slack.replies).toEqual([]);
    expect(textOf(await ask("scan"))).toContain("Scanning prod");
    expect(textOf(await ask("scan"))).toBe("A run of prod goes on already: owners are told what it finds.");
    expect(textOf(await ask("shop"))).toContain("3 destinations");
    await expect.poll(() => slack.replies.length, { timeout: 60_000 }).toBe(2);
    const said = slack.replies.map(({ text }) => text).sort();
    expect(said[0]).toContain("That did not work: prometheus/timeout");
    expect(said[1]).toContain("The scan of prod did not finish: prometheus/timeout");
    silent.closeAllConnections();
    silent.close();
  }, 90_000);

  it("whose response_url is not Slack's are refused, and nobody is called", async () => {
    await begun();
    for (const url of [
      "http://127.0.0.1:1/",
      "https://hooks.slack.com.evil.example/x",
      "https://hooks.slack.com@evil.example/",
      "file:///etc/passwd",
    ])
      expect(textOf(await ask("plan shop", { response_url: url }))).toContain("Slack gave no response_url of its own");
    expect(textOf(await ask("shop", { response_url: "http://127.0.0.1:1/" }))).toContain("3 destinations");
    expect(slack.replies).toEqual([]);
  });
});
