/** Runs the built `egress-scout serve` as a user does, and presses buttons as Slack does. */
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { command } from "./run-scout.ts";

export const signingSecret = "8f742231b10e8888abcd99yyyzzz85a5";

export interface Served {
  url: string;
  stderr(): string;
  /** SIGTERM unless said otherwise. @returns the exit code */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Ready when it says that it listens; throws with what it said where it ends before. */
export async function serveScout(
  args: readonly string[],
  { cwd, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Served> {
  const child = spawn(process.execPath, [command, "serve", "--port", "0", ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const killNow = () => void child.kill("SIGKILL");
  process.once("exit", killNow);
  const ended = once(child, "close").then(() => void process.removeListener("exit", killNow));
  let said = "";
  const port = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const at = /listening on http:\/\/\S+:(\d+)/.exec(said)?.[1];
      if (at !== undefined) resolve(at);
    });
    void ended.then(() => reject(new Error(`serve ended with ${child.exitCode}: ${said}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    stderr: () => said,
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
}

export interface Pressed {
  action?: string;
  value: string;
  user?: unknown;
  responseUrl?: unknown;
  /** What is sent in the place of what Slack would send. */
  payload?: unknown;
}

/** The form that Slack posts when a button is pressed. */
export function pressForm({ action = "acknowledge", value, user, responseUrl, payload }: Pressed): string {
  const usual = {
    type: "block_actions",
    user: user ?? { id: "U012AB3CD", username: "ada", name: "ada", team_id: "T0" },
    api_app_id: "A0",
    token: "verification-token",
    container: { type: "message", message_ts: "1700000000.000001", channel_id: "C0PAYMENTS", is_ephemeral: false },
    team: { id: "T0", domain: "acme" },
    channel: { id: "C0PAYMENTS", name: "payments" },
    message: { type: "message", text: "…", blocks: [] },
    response_url: responseUrl,
    actions: [{ type: "button", action_id: action, block_id: "b1", value, action_ts: "1700000000.000002" }],
  };
  return new URLSearchParams({ payload: JSON.stringify(payload ?? usual) }).toString();
}

/** Slack's headers for a body; `at` in ms. */
export function signed(body: string, at = Date.now(), secret = signingSecret): Record<string, string> {
  const time = String(Math.floor(at / 1000));
  return {
    "content-type": "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": time,
    "x-slack-signature": `v0=${createHmac("sha256", secret).update(`v0:${time}:${body}`).digest("hex")}`,
  };
}
