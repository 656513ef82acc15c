/** infra/slack/manifest.yaml: what Slack is told of us is so. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { made, remembered } from "./make.ts";

const text = readFileSync(new URL("../../infra/slack/manifest.yaml", import.meta.url), "utf8");

it("the request URL leads to a route that asks for a signature, and the scopes are those that channels need", async () => {
  const { settings, oauth_config: oauth, display_information: display } = parse(text);
  const { app } = made(await remembered("memory:"));
  const { protocol, pathname } = new URL(settings.interactivity.request_url);
  expect([protocol, settings.interactivity.is_enabled]).toEqual(["https:", true]);
  expect((await app.request(pathname, { method: "POST", body: "payload={}" })).status).toBe(401);
  expect(oauth.scopes).toEqual({ bot: ["chat:write", "files:write"] });
  // Slack's limits of both.
  expect(display.name.length).toBeLessThanOrEqual(35);
  expect(display.description.length).toBeLessThanOrEqual(140);
});
