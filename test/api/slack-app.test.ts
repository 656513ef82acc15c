/** infra/slack/manifest.yaml: what Slack is told of us is so. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { made, remembered } from "./make.ts";

const text = readFileSync(new URL("../../infra/slack/manifest.yaml", import.meta.url), "utf8");

it("its URLs lead to routes that ask for a signature, and the scopes are those that channels need", async () => {
  const { settings, features, oauth_config: oauth, display_information: display } = parse(text);
  const { app } = made(await remembered("memory:"));
  const [command, ...others] = features.slash_commands;
  expect([command.command, others]).toEqual(["/egress", []]);
  for (const url of [settings.interactivity.request_url, command.url]) {
    const { protocol, pathname } = new URL(url);
    expect(protocol).toBe("https:");
    expect((await app.request(pathname, { method: "POST", body: "payload={}" })).status).toBe(401);
  }
  expect(settings.interactivity.is_enabled).toBe(true);
  expect(oauth.scopes).toEqual({ bot: ["commands", "chat:write", "files:write"] });
  // Slack's limits of both.
  expect(display.name.length).toBeLessThanOrEqual(35);
  expect(display.description.length).toBeLessThanOrEqual(140);
  expect(command.description.length).toBeLessThanOrEqual(2000);
  expect(command.usage_hint.length).toBeLessThanOrEqual(1000);
});
