/** The image: its Dockerfile as far as it can be checked without Docker, and what runs in it as it will run there. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { validate } from "dockerfile-utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HeldPast, holdPast } from "../command/past.ts";
import { tempFolder } from "../tools/temp.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");
const instructions = dockerfile
  .replaceAll("\\\n", " ")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.split(/\s+/));
/** Sources that are copied from the checkout. */
const copied = instructions.flatMap(([name, ...rest]) =>
  name === "COPY" && !rest.some((one) => one.startsWith("--from")) ? rest.slice(0, -1) : [],
);
const minute = 60_000;
const end = Date.UTC(2026, 10, 20, 12);

describe("Dockerfile", () => {
  it("has no fault that the language server knows of", () => {
    expect(validate(dockerfile)).toEqual([]);
    expect(validate(dockerfile.replace("USER 65532", "USR 65532"))).not.toEqual([]);
  });

  it("copies what there is, and what .dockerignore lets through", () => {
    const letThrough = readFileSync(join(root, ".dockerignore"), "utf8")
      .split("\n")
      .flatMap((line) => (line.startsWith("!") ? [line.slice(1)] : []));
    expect(copied.length).toBeGreaterThan(3);
    for (const source of copied) expect(statSync(join(root, source))).toBeDefined();
    expect([...copied].sort()).toEqual(letThrough.sort());
  });

  it("ends in distroless Node of the version that is shipped, without root", () => {
    const bases = instructions.flatMap(([name, image]) => (name === "FROM" ? [image ?? ""] : []));
    expect(bases.at(-1)).toBe("gcr.io/distroless/nodejs24-debian12:nonroot");
    const versions = bases.map((image) => /node(?:js)?:?(\d+)/.exec(image)?.[1]);
    expect(new Set(versions)).toEqual(new Set([process.versions.node.split(".")[0]]));
    const users = instructions.flatMap(([name, user]) => (name === "USER" ? [user] : []));
    expect(users).toEqual(["65532:65532"]);
    expect(dockerfile).toContain('ENTRYPOINT ["/nodejs/bin/node", "/app/egress-scout.mjs"]');
  });
});

describe("what the image holds", () => {
  const folder = tempFolder("image");
  const [app, state, node] = ["app", "state", "node"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  const isRoot = process.getuid?.() === 0;
  /** Where tests do not run as root they are themselves not root, as in the image. */
  const nobody = isRoot ? { uid: 65532, gid: 65532 } : {};
  let held: HeldPast;

  beforeAll(async () => {
    chmodSync(folder.path, 0o755);
    const source = join(folder.path, "source");
    for (const path of copied) {
      mkdirSync(dirname(join(source, path)), { recursive: true });
      cpSync(join(root, path), join(source, path), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(source, "node_modules"));
    const [, build = ""] = /^RUN (node build\.mjs .*)$/m.exec(dockerfile) ?? [];
    // It links the checkout's own command, which is not this one.
    const script = join(source, "build.mjs");
    expect(readFileSync(script, "utf8")).toContain("\nlinkCommand();\n");
    execFileSync("sed", ["-i", "s|^linkCommand();$||", script]);
    execFileSync("sh", ["-c", build], { cwd: source, env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` } });
    cpSync(join(source, "dist"), app, { recursive: true });
    copyFileSync(process.execPath, node);
    chmodSync(node, 0o555);
    mkdirSync(state);
    if (isRoot) chownSync(state, 65532, 65532);
    execFileSync("chmod", ["-R", "a-w,a+rX", app]);
    held = await holdPast(
      (mesh, timetable) => {
        const pod = mesh.pod({ namespace: "shop", workload: "web" });
        timetable.at(end - 20 * minute, () => pod.http({ host: "known.example.com", to: "198.51.100.1:80" }));
        timetable.at(end - 3 * minute, () => pod.http({ host: "new.example.com", to: "198.51.100.2:80" }));
      },
      { from: end - 40 * minute, to: end, everyMs: 15_000 },
    );
  });
  afterAll(async () => {
    await held.stop();
    execFileSync("chmod", ["-R", "u+w", app]);
    folder.remove();
  });

  const scan = (back: number) =>
    spawnSync(
      node,
      [
        ...[join(app, "egress-scout.mjs"), "scan", "--prometheus", held.prometheus.url, "--format", "json"],
        ...["--state", `sqlite:${join(state, "egress-scout.db")}`, "--at", new Date(end - back).toISOString()],
      ],
      { ...nobody, cwd: app, env: { XDG_CACHE_HOME: state }, encoding: "utf8" },
    );

  it("is the command's bundle alone: no node_modules, no map, no function", () => {
    const names = readdirSync(app, { recursive: true, encoding: "utf8" });
    expect(names).toContain("egress-scout.mjs");
    expect(names.filter((name) => !/^(egress-scout\.mjs|chunks(\/.*\.mjs)?)$/.test(name))).toEqual([]);
  });

  it("scans as nobody, from a folder it cannot write, with the state alone to write to", () => {
    const learned = scan(10 * minute);
    expect(learned.stderr).toBe("");
    expect(JSON.parse(learned.stdout)).toMatchObject({ run: { mode: "learn" }, learned: { destinations: 1 } });
    const found = scan(0);
    expect(JSON.parse(found.stdout)).toMatchObject({
      findings: [{ destination: { host: "new.example.com" }, count: 1 }],
    });
    expect(readdirSync(state)).toContain("egress-scout.db");
    const written = spawnSync(
      node,
      ["-e", `require("fs").writeFileSync(${JSON.stringify(join(app, "x"))}, "")`],
      nobody,
    );
    expect(written.status).not.toBe(0);
  });
});
