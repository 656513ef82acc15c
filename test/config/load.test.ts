import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadConfig, pickClusters } from "../../lib/config/index.ts";
import { tempFolder } from "../tools/temp.ts";
import { parsed, smallest, url } from "./make.ts";

const folder = tempFolder("config");
afterAll(folder.remove);

let made = 0;
/** Writes a config of its own, and gives its path. */
function written(text: string): string {
  const path = join(folder.path, `${++made}.yaml`);
  writeFileSync(path, text);
  return path;
}
const load = (text: string, choice: { prometheus?: string; cluster?: string } = {}) =>
  loadConfig({ file: written(text), prometheus: null, cluster: null, ...choice });

describe("config/load", () => {
  it("makes relative paths relative to the file", async () => {
    const config = await load(
      smallest("state: sqlite:scout.db\nverdicts: v.yaml\nenrich: { ranges: ./ranges, asn: ../asn.csv }"),
    );
    expect(config).toMatchObject({
      folder: folder.path,
      state: `sqlite:${join(folder.path, "scout.db")}`,
      verdicts: join(folder.path, "v.yaml"),
      enrich: { ranges: [join(folder.path, "ranges")], asn: [join(folder.path, "../asn.csv")] },
    });
    const { enrich } = await load(smallest("enrich: { ranges: [https://example.com/list.json, lists] }"));
    expect(enrich.ranges).toEqual(["https://example.com/list.json", join(folder.path, "lists")]);
    expect((await load(smallest())).state).toBe(`sqlite:${join(folder.path, "egress-scout.db")}`);
  });

  it.each(["sqlite::memory:", "memory:", "dynamodb:table", "sqlite:/var/lib/scout.db"])(
    "leaves %s as it is",
    async (state) => {
      expect((await load(smallest(`state: "${state}"`))).state).toBe(state);
    },
  );

  it("needs no file where --prometheus names a cluster", async () => {
    const config = await loadConfig({ file: null, prometheus: url, cluster: null });
    expect(config.clusters).toEqual(parsed(smallest()).clusters.map((one) => ({ ...one, name: "default" })));
    expect(config).toMatchObject({ state: "sqlite:egress-scout.db", folder: "." });
    expect((await loadConfig({ file: null, prometheus: url, cluster: "prod" })).clusters[0]?.name).toBe("prod");
  });

  it("--prometheus takes the place of the file's clusters, and leaves the rest of the file", async () => {
    const config = await load(smallest("notify: { quietAfter: 7 }"), { prometheus: "http://other" });
    expect(config.clusters).toMatchObject([{ name: "default", prometheus: { url: "http://other" } }]);
    expect(config.notify.quietAfter).toBe(7);
  });

  it("--prometheus with --cluster takes the place of that cluster's URL alone", async () => {
    const file = `clusters:
  - { name: a, prometheus: { url: "http://a" } }
  - { name: b, prometheus: { url: "http://b", timeout: 5s }, internal: [10.0.0.0/8] }`;
    expect((await load(file, { prometheus: "http://other", cluster: "b" })).clusters).toMatchObject([
      { name: "b", prometheus: { url: "http://other", timeout: "5s" }, internal: ["10.0.0.0/8"] },
    ]);
  });

  it.each(["", "[]", "clusters: 7", "clusters: [null, 1, { name: prod, prometheus: null }]"])(
    "--prometheus mends a file whose clusters are %j",
    async (text) => {
      const config = await load(text, { prometheus: url, cluster: "prod" });
      expect(config.clusters).toMatchObject([{ name: "prod", prometheus: { url } }]);
    },
  );

  it("says which file cannot be read, and why", async () => {
    const missing = join(folder.path, "missing.yaml");
    mkdirSync(join(folder.path, "folder.yaml"));
    const read = (file: string) => loadConfig({ file, prometheus: null, cluster: null });
    await expect(read(missing)).rejects.toThrow(
      expect.objectContaining({ code: "config/unreadable", message: `${missing} cannot be read (ENOENT)` }),
    );
    await expect(read(join(folder.path, "folder.yaml"))).rejects.toMatchObject({ code: "config/unreadable" });
  });

  it("calls the file by its name where it has mistakes", async () => {
    const path = written("colour: red");
    const said = expect.objectContaining({ code: "config/invalid", message: `${path}: 2 mistakes` });
    await expect(loadConfig({ file: path, prometheus: null, cluster: null })).rejects.toThrow(said);
    await expect(loadConfig({ file: null, prometheus: "ftp://a", cluster: null })).rejects.toThrow(
      /^\(command line\): 1 mistake$/,
    );
  });

  it("picks all clusters or the one that is named, and says which there are", () => {
    const config = parsed(
      `clusters: [${["a", "b"].map((name) => `{ name: ${name}, prometheus: { url: "${url}" } }`).join()}]`,
    );
    expect(pickClusters(config, null).map((one) => one.name)).toEqual(["a", "b"]);
    expect(pickClusters(config, "b").map((one) => one.name)).toEqual(["b"]);
    expect(() => pickClusters(config, "c")).toThrow(
      expect.objectContaining({ code: "usage", message: 'the config has no cluster "c"', mend: "it has: a, b" }),
    );
    expect(() => pickClusters(config, "a\u200b")).toThrow('the config has no cluster "a\\u200b"');
  });
});
