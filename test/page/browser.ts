/** A real Chromium that opens the page, sees every request and every complaint, and asks axe-core what a reader would stumble over. */
import axe, { type AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { toolPath } from "../tools/ensure.ts";

export interface Opened {
  page: Page;
  /** What the page asked for, itself included. */
  requests: string[];
  /** Errors, warnings and dialogs. */
  complaints: string[];
  close(): Promise<void>;
}

export interface Look {
  width?: number;
  height?: number;
  theme?: "light" | "dark";
  headers?: Record<string, string>;
  reducedMotion?: "reduce" | "no-preference";
}

/** Root, as in most containers, has no sandbox. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: toolPath("chromium"), args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });

export async function open(browser: Browser, url: string, look: Look = {}): Promise<Opened> {
  const { width = 1280, height = 900, theme = "light", headers = {}, reducedMotion = "no-preference" } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion,
    extraHTTPHeaders: headers,
  });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => void (request.url().startsWith("data:") || requests.push(request.url())));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => void complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url);
  await page.waitForSelector("h1");
  return { page, requests, complaints, close: () => context.close() };
}

/** What axe-core finds wrong, each with the first element that is so. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })");
  return violations.map(({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}
