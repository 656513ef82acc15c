import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  asScoutError,
  ConfigError,
  type ErrorCode,
  isRetryable,
  isTooExpensive,
  redactUrl,
  ScoutError,
} from "../lib/errors.ts";

const of = (code: ErrorCode) => new ScoutError(code, "it failed");

describe("errors", () => {
  it.each<[ErrorCode, boolean]>([
    ["prometheus/unavailable", true],
    ["prometheus/timeout", true],
    ["prometheus/rate-limited", true],
    ["prometheus/unauthorized", false],
    ["prometheus/bad-query", false],
    ["prometheus/too-expensive", false],
    ["channel/unavailable", true],
    ["channel/rate-limited", true],
    ["channel/refused", false],
    ["store/busy", true],
    ["store/corrupt", false],
    ["usage", false],
    ["internal", false],
  ])("%s may pass by itself: %s", (code, expected) => {
    expect(isRetryable(of(code))).toBe(expected);
  });

  it("knows no other error for one that may pass", () => {
    for (const thrown of [new Error("prometheus/timeout"), { code: "store/busy" }, "store/busy", null, undefined]) {
      expect(isRetryable(thrown)).toBe(false);
      expect(isTooExpensive(thrown)).toBe(false);
    }
  });

  it("asks for less time only where less time would be answered", () => {
    const codes: ErrorCode[] = ["prometheus/too-expensive", "prometheus/timeout", "prometheus/unavailable", "internal"];
    expect(codes.filter((code) => isTooExpensive(of(code)))).toEqual([
      "prometheus/too-expensive",
      "prometheus/timeout",
    ]);
  });

  it("keeps the code, the cause and what to do", () => {
    const cause = new Error("ECONNREFUSED");
    const error = new ScoutError("store/busy", "in use", { mend: "wait", cause });
    expect(error).toMatchObject({ name: "ScoutError", code: "store/busy", message: "in use", mend: "wait", cause });
    expect(of("internal").mend).toBe("");
  });

  it("counts a config's mistakes, and keeps them all", () => {
    expect(new ConfigError("a.yaml", ["x: missing"])).toMatchObject({
      code: "config/invalid",
      message: "a.yaml: 1 mistake",
    });
    const two = new ConfigError("a.yaml", ["x: missing", "y: missing"]);
    expect(two).toMatchObject({ message: "a.yaml: 2 mistakes", mistakes: ["x: missing", "y: missing"] });
  });

  it("makes any thrown thing an error with a code, and leaves its own as they are", () => {
    const own = of("usage");
    expect(asScoutError(own)).toBe(own);
    const bug = new TypeError("x is not a function");
    expect(asScoutError(bug)).toMatchObject({ code: "internal", message: bug.message, cause: bug });
    for (const thrown of ["it failed", 7, null, undefined, { status: "error" }]) {
      expect(asScoutError(thrown)).toMatchObject({ name: "ScoutError", code: "internal", message: String(thrown) });
    }
    expect(asScoutError(Object.create(null))).toMatchObject({
      code: "internal",
      message: expect.stringMatching(/no text/),
    });
  });

  it.each([
    ["https://user:hunter2@prometheus.example/prom/?token=hunter2#hunter2", "https://prometheus.example/prom/"],
    ["http://localhost:9090", "http://localhost:9090"],
    ["http://localhost:9090/", "http://localhost:9090"],
    ["hunter2", "(not a URL)"],
  ])("shows of %s only %s", (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });

  it("shows no user name, password, query or fragment of any URL", () => {
    const secret = fc.stringMatching(/^[a-z]{12}$/).map((text) => `secret-${text}`);
    fc.assert(
      fc.property(fc.tuple(secret, secret, secret, secret), fc.domain(), ([user, password, query, fragment], host) => {
        const shown = redactUrl(`https://${user}:${password}@${host}/api?key=${query}#${fragment}`);
        expect(shown).not.toContain("secret-");
        expect(shown).toBe(`https://${host.toLowerCase()}/api`);
      }),
    );
  });
});
