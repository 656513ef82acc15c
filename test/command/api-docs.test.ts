/** docs/api.md: its examples run as they stand, and its table has every route. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { allRoutes } from "../../lib/api/app.ts";
import { ensureTools } from "../tools/ensure.ts";
import { tempFolder } from "../tools/temp.ts";
import { heldPast, type SetUp, serveApi, token } from "./api-set-up.ts";
import type { HeldPast } from "./past.ts";

const page = readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = ""]) => text);

describe("docs/api.md", () => {
  const folder = tempFolder("api-docs");
  let held: HeldPast;
  let at: SetUp;
  beforeAll(async () => {
    await ensureTools(["curl"]);
    held = await heldPast();
    at = await serveApi(held);
  });
  afterAll(async () => {
    await at.served.stop();
    await held.stop();
    folder.remove();
  });

  it.each(examples.map((text) => [text.split("\n")[0] ?? "", text]))("%s", async (_, text) => {
    const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", text], {
      cwd: folder.path,
      env: { PATH: process.env.PATH ?? "", SCOUT: at.served.url, SCOUT_TOKEN: token },
    });
    expect(stdout).toMatch(/^(\{".*\}|# HELP .*)$/m);
    if (text.includes("shop.yaml")) {
      const [first] = parseAllDocuments(readFileSync(`${folder.path}/shop.yaml`, "utf8"));
      expect(first?.toJS()).toMatchObject({ kind: "ServiceEntry", metadata: { namespace: "shop" } });
    }
  });

  it("has every route in its table, and none that is not there", () => {
    const [table = ""] = /^\| route .*?\n\n/ms.exec(page) ?? [];
    const told = [...table.matchAll(/`(GET|POST) (\/[^`]*)`/g)].map(([, method, path]) => `${method} ${path}`);
    const there = allRoutes.map(({ method, path }) => `${method.toUpperCase()} ${path.replace(/:(\w+)/, "{$1}")}`);
    expect(told.sort()).toEqual(there.sort());
  });

  it("has every filter", () => {
    for (const [path, name] of [
      ["/api/v1/sightings", "sightings"],
      ["/api/v1/findings", "findings"],
    ]) {
      const { query } = allRoutes.find((one) => one.path === path) ?? {};
      const [row = ""] = new RegExp(`^\\| ${name} \\| .*$`, "m").exec(page) ?? [];
      const filters = Object.keys(query?.shape ?? {}).filter((one) => one !== "limit" && one !== "next");
      expect(filters.length).toBeGreaterThan(5);
      for (const filter of filters) expect(row).toContain(`\`${filter}\``);
    }
  });
});
