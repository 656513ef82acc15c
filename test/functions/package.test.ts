import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HeldPast, holdPast } from "../command/past.ts";
import { pack } from "../infra/pack.ts";
import { packagedFiles } from "../lambda/packaged.ts";
import { startFunction } from "../tools/lambda.ts";
import { tempFolder } from "../tools/temp.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const minute = 60_000;
const end = Date.UTC(2026, 10, 20, 12);

describe("functions/poll, packaged by osls without network or credentials", () => {
  const folder = tempFolder("package");
  const unpacked = join(folder.path, "unpacked");
  let held: HeldPast;

  beforeAll(async () => {
    await pack(folder.path, "prod");
    for (const [name, bytes] of Object.entries(unzipSync(readFileSync(join(folder.path, "out/poll.zip"))))) {
      mkdirSync(dirname(join(unpacked, name)), { recursive: true });
      writeFileSync(join(unpacked, name), bytes);
    }
    held = await holdPast(
      (mesh, timetable) => {
        const pod = mesh.pod({ namespace: "shop", workload: "web" });
        timetable.at(end - 20 * minute, () => pod.http({ host: "known.example.com", to: "198.51.100.1:80" }));
        timetable.at(end - 3 * minute, () => pod.http({ host: "new.example.com", to: "198.51.100.2:80" }));
      },
      { from: end - 40 * minute, to: end, everyMs: 15_000 },
    );
    writeFileSync(
      join(folder.path, "config.yaml"),
      `clusters: [{ name: prod, prometheus: { url: "${held.prometheus.url}" } }]\n`,
    );
  }, 180_000);
  afterAll(async () => {
    await held.stop();
    folder.remove();
  });

  /** Calls the function as Lambda does: its zip in an empty folder, without node_modules. Errors come back as their message. */
  async function invoke(payload: unknown): Promise<unknown> {
    const poll = await startFunction({
      root: unpacked,
      handler: "dist/functions/poll/index.handler",
      env: {
        EGRESS_SCOUT_CONFIG: join(folder.path, "config.yaml"),
        EGRESS_SCOUT_STATE: `sqlite:${join(folder.path, "state.db")}`,
      },
    });
    const invocation = await poll.invoke(payload).finally(poll.stop);
    if (invocation.ended === "answer") return invocation.value;
    return { failed: "errorMessage" in invocation ? invocation.errorMessage : invocation.ended };
  }

  it("is the files that the other tests run, and the config", () => {
    const zipped = readdirSync(unpacked, { recursive: true, encoding: "utf8" }).filter((file) => /[.]\w+$/.test(file));
    const besides = zipped.filter((file) => file.endsWith(".map"));
    expect(zipped.sort()).toEqual([...packagedFiles("poll"), ...besides, "infra/egress-scout.yaml"].sort());
    for (const file of zipped)
      expect(readFileSync(join(unpacked, file)).equals(readFileSync(join(root, file))), file).toBe(true);
  });

  it("runs the same scan: it learns, then finds, and gives the scan's document", async () => {
    const at = (time: number) => new Date(time).toISOString();
    expect(await invoke({ at: at(end - 10 * minute) })).toMatchObject({
      run: { mode: "learn" },
      learned: { destinations: 1 },
    });
    expect(await invoke({ cluster: "prod", at: at(end) })).toMatchObject({
      schema: "egress-scout/scan@1",
      findings: [{ destination: { host: "new.example.com" }, count: 1 }],
    });
  });

  it("says what is wrong with a payload", async () => {
    expect(await invoke({ since: "yesterday" })).toMatchObject({ failed: expect.stringContaining("since") });
    expect(await invoke({ cluster: "nope" })).toMatchObject({ failed: expect.stringContaining("no cluster") });
  });
});
