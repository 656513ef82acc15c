/** What V8 compiled of the command is kept where only its user may write, and nowhere else. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cacheFolder } from "../../lib/words/cache-folder.ts";
import { tempFolder } from "../tools/temp.ts";
import { runScout } from "./run-scout.ts";

describe("what V8 compiled", () => {
  const folder = tempFolder("compiled");
  let made = 0;
  afterAll(() => folder.remove());

  /** A folder for caches, and what is kept in it after a call of the command. */
  function cache() {
    const home = join(folder.path, `${++made}`);
    mkdirSync(home);
    const own = join(home, "egress-scout");
    return {
      ...{ home, own, compiled: join(own, "compiled") },
      kept: () =>
        existsSync(own) ? readdirSync(own, { recursive: true }).filter((one) => !/^compiled$/.test(`${one}`)) : [],
      call: async (env: Record<string, string> = { XDG_CACHE_HOME: home }) => {
        const { code, stderr } = await runScout(["--version"], { env });
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      },
    };
  }

  it("is kept for the next time, for this user alone", async () => {
    const { own, compiled, kept, call } = cache();
    await call();
    const first = kept();
    expect(first.length).toBeGreaterThan(5);
    for (const path of [own, compiled]) expect(statSync(path).mode & 0o777).toBe(0o700);
    const written = statSync(join(own, `${first.at(-1)}`)).mtimeMs;
    await call();
    expect(kept()).toEqual(first);
    expect(statSync(join(own, `${first.at(-1)}`)).mtimeMs).toBe(written);
  });

  it("is kept in ~/.cache where the platform names no other place", async () => {
    const { home, call } = cache();
    await call({ HOME: home });
    expect(readdirSync(join(home, ".cache/egress-scout/compiled"))).not.toEqual([]);
  });

  it.each(["own", "compiled"] as const)("is not kept where others may write: %s", async (name) => {
    const { kept, call, ...paths } = cache();
    mkdirSync(paths.compiled, { recursive: true, mode: 0o700 });
    chmodSync(paths[name], 0o770);
    await call();
    expect(kept()).toEqual([]);
  });

  it.runIf(process.getuid?.() === 0)("is not kept in another user's folder", async () => {
    const { compiled, kept, call } = cache();
    mkdirSync(compiled, { recursive: true, mode: 0o700 });
    chownSync(compiled, 65534, 65534);
    await call();
    expect(kept()).toEqual([]);
  });

  it("is not kept where a link leads", async () => {
    const { own, compiled, call } = cache();
    const elsewhere = join(folder.path, "elsewhere");
    for (const path of [own, elsewhere]) mkdirSync(path, { mode: 0o700 });
    symlinkSync(elsewhere, compiled);
    await call();
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it("is not kept where it cannot be, and nobody is told", async () => {
    const { own, call } = cache();
    writeFileSync(own, "");
    await call();
    await call({});
    expect(statSync(own).isFile()).toBe(true);
  });

  it("has no place for a user without a home, on Lambda, and by a path that is not absolute", () => {
    expect(cacheFolder({ HOME: "/home/one" })).toBe("/home/one/.cache/egress-scout");
    expect(cacheFolder({ HOME: "/home/one", XDG_CACHE_HOME: "/var/cache" })).toBe("/var/cache/egress-scout");
    expect(cacheFolder({ HOME: "/home/one", XDG_CACHE_HOME: "cache" })).toBe("/home/one/.cache/egress-scout");
    for (const env of [{}, { HOME: "" }, { HOME: "home" }, { HOME: "/root", AWS_LAMBDA_FUNCTION_NAME: "poll" }])
      expect(cacheFolder(env)).toBeNull();
  });
});
