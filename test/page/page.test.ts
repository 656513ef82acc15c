/** The page as people use it: made by the built command from a real state file, in a real Chromium. */
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Sighting } from "../../lib/model.ts";
import { runScout } from "../command/run-scout.ts";
import { serveScout } from "../command/serve-scout.ts";
import { tempFolder } from "../tools/temp.ts";
import { type Look, type Opened, open, startBrowser, violations } from "./browser.ts";
import { build, crowd, evil, writeManifests } from "./town.ts";

/** The page and the browser take their time to do what a key or the mouse says. */
const waiting = { timeout: 10_000, interval: 20 };

const minute = 60_000;
const end = Math.floor(Date.now() / minute) * minute - 4 * minute;
const folder = tempFolder("page");
const at = (name: string) => join(folder.path, name);
const url = (name: string) => pathToFileURL(at(name)).href;
const shots = process.env.PAGE_SHOTS;

let browser: Browser;
let sightings: Sighting[];
let opened: Opened | null = null;

/** `report --out` with a state. */
async function report(state: string, file: string, ...more: string[]): Promise<void> {
  const { code, stderr } = await runScout(["report", "--state", `sqlite:${at(state)}`, "--out", at(file), ...more]);
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
}

beforeAll(async () => {
  ({ sightings } = await build(`sqlite:${at("town.db")}`, { cluster: "prod-eu", end, flows: 2000, isHostile: true }));
  await build(`sqlite:${at("clean.db")}`, { cluster: "prod-eu", end, flows: 2000, isHostile: false });
  await build(`sqlite:${at("one.db")}`, { cluster: "prod-eu", end, flows: 1, isHostile: false });
  await build(`sqlite:${at("two.db")}`, { cluster: "prod-eu", end, flows: 90, isHostile: false });
  await build(`sqlite:${at("two.db")}`, { cluster: "stage", end: end - 300 * minute, flows: 40, isHostile: false });
  await crowd(`sqlite:${at("crowd.db")}`, { end, callers: 7 });
  writeManifests(at("existing.yaml"), sightings);
  writeFileSync(
    at("owners.yaml"),
    `clusters: [{ name: prod-eu, prometheus: { url: "http://127.0.0.1:9" } }]
owners: [{ match: { namespace: payments }, team: money }, { label: { metric: m, name: l } }]
`,
  );
  await report("town.db", "town.html", "--existing", at("existing.yaml"));
  await report("clean.db", "clean.html", "--existing", at("existing.yaml"));
  await report("two.db", "two.html", "--config", at("owners.yaml"));
  await report("one.db", "one.html");
  await report("crowd.db", "crowd.html");
  await report("none.db", "none.html");
  browser = await startBrowser();
});
afterEach(async () => {
  await opened?.close();
  opened = null;
});
afterAll(async () => {
  await browser.close();
  folder.remove();
});

async function look(file: string, as: Look = {}): Promise<Page> {
  opened = await open(browser, file.includes(":") ? file : url(file), as);
  return opened.page;
}
/** Kept where somebody wants to look at them: PAGE_SHOTS=FOLDER. */
async function shot(page: Page, name: string): Promise<void> {
  if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`) });
}
const status = (page: Page) => page.locator(".shown").innerText();
const rowsShown = (page: Page) => page.locator("table.flows tbody tr");
const width = (page: Page) => page.evaluate<number>("document.documentElement.scrollWidth");

describe("one file", () => {
  it("of less than 400 KB for 2,000 flows asks nobody for anything and complains of nothing", async () => {
    const page = await look("clean.html");
    expect(statSync(at("clean.html")).size).toBeLessThan(400_000);
    expect(statSync(at("town.html")).size).toBeLessThan(400_000);
    expect(await page.locator("h1").innerText()).toMatch(
      /^prod-eu: 14 findings open, 3 critical; 2,000 flows from \d+ workloads to [\d,]+ destinations: \d+ blocked, \d+ new in the last day; \d+ % covered; the last run ended at .* UTC \(\dm before this page was made\)\.$/,
    );
    await page.locator("td.destination button").first().click();
    await page.getByRole("button", { name: "Close" }).click();
    expect(opened?.requests).toEqual([url("clean.html")]);
    expect(opened?.complaints).toEqual([]);
    await shot(page, "clean");
  });

  it("shows hostile text as text, and what cannot be seen as an escape", async () => {
    const page = await look("town.html");
    await page.getByRole("button", { name: "Show all" }).first().click();
    const text = await page.locator("table.flows").innerText();
    for (const one of [
      "<script>window.hacked=1</script>",
      '"><img src=x onerror=window.hacked=3>',
      "\\u202emoc.lapyap\\u2066\\u200b",
      "line\\u2028separator\\u2029and\\u0000nul\\u0007bell\\ud800lone",
    ]) {
      expect(text).toContain(one);
    }
    expect(text).not.toMatch(/[^\P{C}\n\t]|[\u2028\u2029]/u);
    for (const label of ["<svg/onload=window.hacked=4>", "</style><base href=//evil.example>"]) {
      await page.getByLabel(/^Search/).fill(label.split(" ")[0] ?? "");
      await page.locator("td.destination button").first().click();
      await expect.poll(() => page.locator("dialog").innerText(), waiting).toContain(label);
      await page.keyboard.press("Escape");
    }
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    await expect
      .poll(
        () => page.evaluate("document.querySelectorAll('main script, main img, base, main iframe').length"),
        waiting,
      )
      .toBe(0);
    expect(opened?.requests).toEqual([url("town.html")]);
    expect(opened?.complaints).toEqual([]);
    expect(readFileSync(at("town.html"), "utf8")).not.toContain(evil[0]);
  });

  it("a script that somebody put into it does not run, nor a handler, a style or a request", async () => {
    let asked = 0;
    const stranger = createServer(() => {
      asked += 1;
    }).listen(0, "127.0.0.1");
    await once(stranger, "listening");
    const { port } = stranger.address() as AddressInfo;
    const planted = `<script>window.planted=1</script><img src="http://127.0.0.1:${port}/x" onerror="window.planted=2">
      <script src="data:text/javascript,window.planted=3"></script><style>body{display:none}</style><iframe srcdoc="<script>parent.planted=4</script>"></iframe>`;
    writeFileSync(at("planted.html"), readFileSync(at("one.html"), "utf8").replace("<body>", `<body>${planted}`));
    const page = await look("planted.html");
    expect(await page.evaluate("window.planted")).toBeUndefined();
    await expect.poll(() => page.evaluate("getComputedStyle(document.body).display"), waiting).toBe("block");
    const fetched = `fetch("http://127.0.0.1:${port}/y").then(() => "sent", () => "not sent")`;
    expect(await page.evaluate(fetched)).toBe("not sent");
    stranger.closeAllConnections();
    stranger.close();
    expect(asked).toBe(0);
    expect(opened?.complaints.join("\n")).toMatch(/Content Security Policy/);
    await expect(page.evaluate("document.body.innerHTML = '<b>x</b>'")).rejects.toThrow(/TrustedHTML/);
  });
});

describe("the table and its filter", () => {
  it("finds by words, state, namespace and verdict, in map and table alike", async () => {
    const page = await look("clean.html");
    const search = page.getByLabel(/^Search/);
    await search.fill("payments acmepay tls");
    await expect.poll(() => status(page)).toMatch(/^\d+ of 2,000 flows/);
    const found = await rowsShown(page).allInnerTexts();
    expect(found.length).toBeGreaterThan(0);
    for (const one of found) expect(one).toMatch(/payments[\s\S]*acmepay[\s\S]*tls/);
    await expect.poll(() => page.locator(".column.from .group").count(), waiting).toBe(1);
    await page.getByRole("button", { name: "clear" }).click();
    const chip = page.locator(".chip.blocked");
    await chip.click();
    await expect.poll(() => chip.getAttribute("aria-pressed"), waiting).toBe("true");
    const blocked = sightingsBlocked(await chip.innerText());
    await expect.poll(() => status(page), waiting).toContain(`${blocked} of 2,000 flows`);
    await page.getByLabel("Namespace", { exact: true }).selectOption("checkout");
    await page.getByLabel("Verdict", { exact: true }).selectOption("denied");
    for (const one of await rowsShown(page).allInnerTexts())
      expect(one).toMatch(/^checkout\/[\s\S]*blocked[\s\S]*denied/);
    await search.fill("there is no such thing");
    await expect.poll(() => page.locator(".map").innerText(), waiting).toMatch(/^No flow is of that kind/);
    await expect.poll(() => status(page), waiting).toMatch(/^0 of 2,000 flows/);
  });

  it("sorts by every column and says so", async () => {
    const page = await look("clean.html");
    const head = (name: string) => page.getByRole("columnheader", { name });
    await expect.poll(() => head("State").getAttribute("aria-sort"), waiting).toBe("ascending");
    await head("Calls").getByRole("button").click();
    await expect.poll(() => head("Calls").getAttribute("aria-sort"), waiting).toBe("descending");
    await expect.poll(() => head("State").getAttribute("aria-sort"), waiting).toBe("none");
    const calls = (await page.locator("td.calls").allInnerTexts()).map((one) => Number(one.replaceAll(",", "")));
    expect(calls).toEqual([...calls].sort((a, b) => b - a));
    await head("Calls").getByRole("button").click();
    await expect.poll(() => head("Calls").getAttribute("aria-sort"), waiting).toBe("ascending");
    await head("Workload").getByRole("button").press("Enter");
    const names = await page.locator("th.workload[scope=row]").allInnerTexts();
    expect(names).toEqual([...names].sort(new Intl.Collator("en", { numeric: true }).compare));
    expect(names).toHaveLength(100);
    await page.getByRole("button", { name: "Show 200 more" }).click();
    await expect.poll(() => rowsShown(page).count(), waiting).toBe(300);
    await page.getByRole("button", { name: "Show all" }).first().click();
    await expect.poll(() => rowsShown(page).count(), waiting).toBe(2000);
  });
});

const sightingsBlocked = (text: string) => /[\d,]+$/.exec(text.trim())?.[0] ?? "";

describe("the map", () => {
  it("folds and unfolds by mouse and keys, and zooms by buttons, keys and wheel", async () => {
    const page = await look("clean.html");
    const group = page.locator(".column.from .group button").first();
    const lines = () => page.locator(".column.from li").count();
    const before = await lines();
    await expect.poll(() => group.getAttribute("aria-expanded"), waiting).toBe("false");
    await group.click();
    await expect.poll(() => group.getAttribute("aria-expanded"), waiting).toBe("true");
    const more = await lines();
    expect(more).toBeGreaterThan(before);
    await shot(page, "unfolded");
    await group.press("Enter");
    await expect.poll(() => lines(), waiting).toBe(before);
    const height = async () => (await group.boundingBox())?.height ?? 0;
    const usual = await height();
    await page.getByRole("button", { name: "Larger" }).click();
    await expect.poll(() => height(), waiting).toBeGreaterThan(usual);
    await group.press("-");
    await group.press("-");
    await expect.poll(() => height(), waiting).toBeLessThan(usual);
    await page.getByRole("button", { name: /usual size/ }).click();
    await group.hover();
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -100);
    await page.keyboard.up("Control");
    await expect.poll(height).toBeGreaterThan(usual);
    await expect.poll(() => width(page), waiting).toBe(1280);
  });

  it("draws each state in its own way, and lights up what a line belongs to, by mouse and by focus", async () => {
    const page = await look("clean.html");
    const dashes = await page.evaluate<string[]>(
      "['blocked','new','covered','allowed'].map((one) => getComputedStyle(document.querySelector('.links .' + one)).strokeDasharray)",
    );
    expect(new Set(dashes).size).toBe(4);
    const group = page.locator(".column.to .group button").first();
    await expect.poll(() => page.locator(".links .hot").count(), waiting).toBe(0);
    await group.focus();
    const hot = await page.locator(".links .hot").count();
    expect(hot).toBeGreaterThan(0);
    await group.hover();
    await expect.poll(() => page.locator(".links .hot").count(), waiting).toBe(hot);
  });

  it("a workload is asked for alone, a destination shows its details, and more groups come when asked", async () => {
    const page = await look("clean.html");
    await page.locator(".column.from .group button").first().click();
    const leaf = page.locator(".column.from .leaf button").first();
    const [, name = ""] = /^(\S+): /.exec((await leaf.getAttribute("title")) ?? "") ?? [];
    await leaf.click();
    for (const one of await page.locator("th.workload[scope=row]").allInnerTexts()) expect(one).toContain(name);
    await page.locator(".toolbar .chip", { hasText: name }).click();
    const groups = await page.locator(".column.to .group").count();
    await page.locator(".column.to .more button").click();
    await expect.poll(() => page.locator(".column.to .group").count(), waiting).toBeGreaterThan(groups);
    await page.locator(".column.to .group button[aria-expanded]").first().press("Enter");
    const destination = page.locator(".column.to .leaf button").first();
    const [, label = ""] = /^(\S+): /.exec((await destination.getAttribute("title")) ?? "") ?? [];
    await destination.press("Enter");
    await expect.poll(() => page.locator("#detail-title").innerText(), waiting).toBe(label);
  });
});

describe("a destination's details", () => {
  it("have names with evidence, callers, owner, verdict, time line and a manifest that lint takes", async () => {
    const page = await look("clean.html");
    await page.getByLabel(/^Search/).fill("allowed tls expected");
    await page.locator("td.destination button").first().click();
    const dialog = page.getByRole("dialog");
    const text = await dialog.innerText();
    for (const words of [
      /by sni\s+resolves to 203\.0\.113\.\d+/,
      /Owner\nunowned \(default\)/,
      /Verdict\nexpected by ada/,
      /Calls\nat least/,
    ]) {
      expect(text).toMatch(words);
    }
    await expect.poll(() => dialog.locator(".times .seen").count(), waiting).toBeGreaterThan(0);
    const yaml = await dialog.locator("pre").first().innerText();
    expect(yaml).toMatch(/^apiVersion: networking\.istio\.io\/v1\nkind: ServiceEntry\n/);
    const { code, stdout } = await runScout(["lint", "-"], { stdin: yaml });
    expect([code, stdout]).toEqual([0, expect.any(String)]);
    await shot(page, "detail");
    const focused = () => page.evaluate("document.activeElement.className + document.activeElement.textContent");
    await page.keyboard.press("Escape");
    await expect.poll(() => dialog.count(), waiting).toBe(0);
    await expect.poll(() => focused(), waiting).toMatch(/^plain/);
    expect(opened?.complaints).toEqual([]);
  });

  it("have the first five of many callers, and all when asked", async () => {
    const page = await look("crowd.html");
    await page.getByLabel(/^Search/).fill("api.example.com");
    await page.locator("td.destination button").first().click();
    const callers = page.getByRole("dialog").locator("ul.callers > li");
    expect(await callers.count()).toBe(5);
    await page.getByRole("dialog").getByRole("button", { name: "Show all 7 callers" }).click();
    await expect.poll(() => callers.count(), waiting).toBe(7);
    expect(await page.getByRole("button", { name: /^Show all 7 callers/ }).count()).toBe(0);
  });

  it("name five of the callers that have no manifest, and say how many more", async () => {
    const page = await look("crowd.html");
    await page.getByLabel(/^Search/).fill("no host");
    await page.locator("td.destination button").first().click();
    const none = await page.getByRole("dialog").locator("p.none").innerText();
    expect(none).toMatch(/^None for shop\/w\d, shop\/w\d, shop\/w\d, shop\/w\d, shop\/w\d and 2 more: /);
  });

  it("the manifest is copied to the byte; where the clipboard is closed to the page it is selected", async () => {
    const page = await look("clean.html");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByLabel(/^Search/).fill("allowed tls");
    await page.locator("td.destination button").first().click();
    const pre = page.locator("dialog pre").first();
    const yaml = await pre.evaluate((one) => one.textContent ?? "");
    const button = page.getByRole("button", { name: "Copy the manifest" }).first();
    await button.click();
    await expect.poll(() => page.locator(".bar .copy [role=status]").first().innerText()).toBe("copied");
    await expect.poll(() => page.evaluate("navigator.clipboard.readText()"), waiting).toBe(yaml);
    await page.evaluate("navigator.clipboard.writeText('')");
    await page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))");
    await button.press("Enter");
    await expect.poll(() => page.evaluate("navigator.clipboard.readText()")).toBe(yaml);
    await expect.poll(() => page.evaluate("String(getSelection())"), waiting).toContain("kind: ServiceEntry");
    await page.evaluate("document.execCommand = () => false");
    await button.click();
    await expect
      .poll(() => page.locator(".bar .copy [role=status]").first().innerText())
      .toMatch(/^selected: .*Ctrl\+C/);
  });

  it("a finding leads there", async () => {
    const page = await look("clean.html");
    await page.getByRole("button", { name: "Show all 14" }).click();
    await expect.poll(() => page.locator("section .findings > li").count(), waiting).toBe(14);
    const link = page.getByRole("button", { name: /^details of/ }).first();
    const label = (await link.innerText()).replace("details of ", "");
    await link.click();
    await expect.poll(() => page.locator("#detail-title").innerText(), waiting).toBe(label);
    await expect.poll(() => page.locator("dialog .findings").innerText(), waiting).toMatch(/^blocked-spike/);
  });
});

describe("what is and is not known", () => {
  it("without manifests in force coverage is not known, and the page says so", async () => {
    const page = await look("two.html");
    await expect.poll(() => page.locator("h1").innerText(), waiting).toContain("; coverage not known; ");
    await expect.poll(() => page.locator(".chip.covered").isDisabled(), waiting).toBe(true);
    expect(await page.locator("section:has(#readiness)").innerText()).toMatch(
      /Not known: no manifests in force were given \(--existing\)/,
    );
    await expect
      .poll(() => page.locator("table.readiness td:nth-child(2)").allInnerTexts(), waiting)
      .toContain("not known");
    expect(await page.locator("section:has(#flows)").innerText()).toMatch(
      /not known: no manifests in force were given/,
    );
  });

  it("owners by the config's globs can be asked for; one that only a label could tell is not known", async () => {
    const page = await look("two.html");
    await page.getByLabel("Owner", { exact: true }).selectOption("money");
    for (const one of await rowsShown(page).allInnerTexts()) expect(one).toMatch(/^payments\/[\s\S]*money/);
    await page.getByRole("button", { name: "clear" }).click();
    const owners = new Set(await page.locator("td.owner").allInnerTexts());
    expect([owners.has("money"), owners.has("not known"), owners.has("unowned")]).toEqual([true, true, false]);
  });

  it("the first line says how it stands, and of too many flows the page says which it shows", async () => {
    const first = (page: Page) => page.getByRole("heading", { level: 1 }).innerText();
    const few = await look("crowd.html");
    expect(await first(few)).toMatch(/^prod: no finding is open; 14 flows from 7 workloads to 2 destinations: /);
    expect(await few.locator("p.lead").count()).toBe(0);
    await opened?.close();
    await crowd(`sqlite:${at("too-many.db")}`, { end, callers: 2_501 });
    await report("too-many.db", "too-many.html");
    const page = await look("too-many.html");
    expect(await first(page)).toContain("; 5,000 of 5,002 flows from ");
    expect(await page.locator("p.lead").first().innerText()).toContain("of these 5,000, but for the readiness");
  }, 60_000);

  it("a choice of clusters, where there are several", async () => {
    const page = await look("two.html");
    await expect.poll(() => status(page), waiting).toBe("90 flows");
    await page.getByLabel("Cluster").selectOption({ label: "stage" });
    await expect.poll(() => page.locator("h1").innerText(), waiting).toMatch(/^stage: /);
    await expect.poll(() => status(page), waiting).toBe("40 flows");
  });

  it("the address leads back to a destination's details, and nowhere else", async () => {
    const page = await look("two.html");
    await page.getByLabel("Cluster").selectOption({ label: "stage" });
    await page.locator("td.destination button").first().click();
    const label = await page.locator("#detail-title").innerText();
    const address = `${url("two.html")}#${new URLSearchParams({ to: label, in: "stage" })}`;
    // What the browser says of its address comes a moment after the page has changed it.
    await expect.poll(() => page.url()).toBe(address);
    await opened?.close();
    const again = await look(address);
    await expect.poll(() => again.locator("h1").innerText(), waiting).toMatch(/^stage: /);
    await expect.poll(() => again.locator("#detail-title").innerText(), waiting).toBe(label);
    await again.keyboard.press("Escape");
    await expect.poll(() => new URL(again.url()).hash).toBe("#in=stage");
    const other = new URLSearchParams({ to: label, in: "stage" });
    await again.evaluate(`location.hash = ${JSON.stringify(String(other))}`);
    await expect.poll(() => again.getByRole("dialog").count(), waiting).toBe(1);
    await again.keyboard.press("Escape");
    const top = () => again.evaluate<number>("scrollY");
    expect(await top()).toBe(0);
    await again.getByRole("link", { name: "Readiness" }).click();
    await expect.poll(top, waiting).toBeGreaterThan(500);
    await expect.poll(() => new URL(again.url()).hash, waiting).toBe("#in=stage");
    await opened?.close();
    const strange = await look(`${url("two.html")}#to=%3Cimg%20src=x%20onerror=alert(1)%3E&in=nowhere`);
    await expect.poll(() => strange.getByRole("dialog").count(), waiting).toBe(0);
    expect(opened?.complaints).toEqual([]);
  });

  it("nothing remembered, and one flow", async () => {
    const none = await look("none.html");
    await expect.poll(() => none.locator("main").innerText(), waiting).toMatch(/^Nothing is remembered yet\./);
    expect(await violations(none)).toEqual([]);
    expect(opened?.complaints).toEqual([]);
    await opened?.close();
    const one = await look("one.html");
    await expect
      .poll(() => one.locator("h1").innerText(), waiting)
      .toMatch(/^prod-eu: 1 finding open, 1 critical; 1 flow from 1 workload to 1 destination: /);
    await expect.poll(() => rowsShown(one).count(), waiting).toBe(1);
    expect(await violations(one)).toEqual([]);
  });
});

describe("for everybody", () => {
  const looks: [string, Look][] = [
    ["light, wide", { theme: "light" }],
    ["dark, wide", { theme: "dark" }],
    ["light, a phone", { theme: "light", width: 360, height: 740 }],
    ["dark, a phone", { theme: "dark", width: 360, height: 740 }],
  ];
  it.each(looks)("axe-core finds nothing: %s", async (name, as) => {
    const page = await look("town.html", as);
    await page.locator(".column.from .group button").first().click();
    await page.locator(".column.to .group button[aria-expanded]").first().click();
    expect(await violations(page)).toEqual([]);
    await expect.poll(() => width(page), waiting).toBe(as.width ?? 1280);
    await shot(page, `axe-${name.replace(", ", "-")}`);
    await page.getByLabel(/^Search/).fill("covered tls");
    await page.locator("td.destination button").first().click();
    expect(await violations(page)).toEqual([]);
    await expect
      .poll(() => page.locator("dialog").evaluate((one) => one.scrollWidth <= one.clientWidth), waiting)
      .toBe(true);
    await shot(page, `axe-detail-${name.replace(", ", "-")}`);
  });

  it("the theme is the system's until somebody chooses", async () => {
    const page = await look("one.html", { theme: "dark" });
    const ground = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const dark = await ground();
    const button = page.getByRole("button", { name: /Theme/ });
    await button.click();
    await expect.poll(() => button.innerText(), waiting).toContain("light");
    await expect.poll(ground).not.toBe(dark);
    await button.click();
    await expect.poll(ground).toBe(dark);
    await page.reload();
    await page.waitForSelector("h1");
    await expect.poll(() => page.getByRole("button", { name: /Theme/ }).innerText(), waiting).toContain("dark");
  });

  it("nothing moves for who wants that, and the printed page has every flow and no tools", async () => {
    const page = await look("clean.html", { reducedMotion: "reduce" });
    expect(await page.evaluate("getComputedStyle(document.querySelector('.links path')).transitionDuration")).toBe(
      "0s",
    );
    await page.emulateMedia({ media: "print" });
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    await expect.poll(() => rowsShown(page).count(), waiting).toBe(2000);
    await expect.poll(() => page.locator(".toolbar").isVisible(), waiting).toBe(false);
    await expect.poll(() => width(page), waiting).toBe(1280);
  });

  it("by keys alone: skip to the table, through the toolbar and into the map", async () => {
    const page = await look("one.html");
    await page.keyboard.press("Tab");
    await expect.poll(() => page.evaluate("document.activeElement.textContent"), waiting).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate("document.activeElement.id"), waiting).toBe("main");
    const focused = () => page.evaluate<string>("document.activeElement.textContent");
    for (let tabs = 0; (await focused()) !== "Skip the map: the table has every flow"; tabs++) {
      expect(tabs).toBeLessThan(20);
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate("document.activeElement.id"), waiting).toBe("flows");
    const inTable = page.locator("td.destination button").first();
    for (let tabs = 0; (await focused()) !== (await inTable.textContent()); tabs++) {
      expect(tabs).toBeLessThan(20);
      await page.keyboard.press("Tab");
    }
    await expect
      .poll(() => page.evaluate("getComputedStyle(document.activeElement).outlineStyle"), waiting)
      .toBe("solid");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.getByRole("dialog").count(), waiting).toBe(1);
  });
});

describe("serve", () => {
  it("GET / is the same page for who may, with the policy in its header", async () => {
    writeFileSync(
      at("config.yaml"),
      "api: { tokens: [{ env: TOKEN }] }\nclusters: [{ name: prod-eu, prometheus: { url: 'http://127.0.0.1:9' } }]\n",
    );
    const args = [
      "--config",
      at("config.yaml"),
      "--state",
      `sqlite:${at("clean.db")}`,
      "--existing",
      at("existing.yaml"),
    ];
    const served = await serveScout(args, { env: { TOKEN: "a-long-token" } });
    try {
      expect((await fetch(`${served.url}/`)).status).toBe(401);
      const headers = { authorization: "Bearer a-long-token" };
      const answer = await fetch(`${served.url}/`, { headers });
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=UTF-8"]);
      const policy = answer.headers.get("content-security-policy") ?? "";
      expect(policy).toMatch(
        /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; .*frame-ancestors 'none'$/,
      );
      await expect.poll(() => answer.text(), waiting).toContain(policy.replace("; frame-ancestors 'none'", ""));
      const health = await fetch(`${served.url}/healthz`);
      expect(health.headers.get("content-security-policy")).toMatch(/^default-src 'none'; frame-ancestors 'none'/);
      const page = await look(`${served.url}/`, { headers });
      await expect.poll(() => status(page), waiting).toBe("2,000 flows");
      expect(opened?.requests).toEqual([`${served.url}/`]);
      expect(opened?.complaints).toEqual([]);
    } finally {
      await served.stop();
    }
  });
});
