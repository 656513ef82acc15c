import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../lib/errors.ts";
import { requestError, statusError } from "../../lib/poll/http-error.ts";

const url = "https://scout:hunter2@prometheus.example/prom/api/v1/query?token=hunter2";
const place = "https://prometheus.example/prom";
const because = (error: string) => JSON.stringify({ status: "error", errorType: "execution", error });
const told = (status: number, text = "", headers = {}) => statusError(url, status, new Headers(headers), text);

describe("poll/http-error", () => {
  it.each<[number, string, ErrorCode]>([
    [302, "", "prometheus/not-found"],
    [400, because('parse error: unexpected "}"'), "prometheus/bad-query"],
    [401, "", "prometheus/unauthorized"],
    [403, because("no such tenant"), "prometheus/unauthorized"],
    [404, "404 page not found", "prometheus/not-found"],
    [405, "", "prometheus/not-found"],
    [408, "", "prometheus/timeout"],
    [422, because("found duplicate series for the match group"), "prometheus/bad-query"],
    [
      422,
      because("query processing would load too many samples into memory in query execution"),
      "prometheus/too-expensive",
    ],
    [422, because("the query hit the max number of series limit"), "prometheus/too-expensive"],
    [422, because("exceeded sample limit"), "prometheus/too-expensive"],
    [429, because("too many outstanding requests"), "prometheus/rate-limited"],
    [500, "oops", "prometheus/unavailable"],
    [502, "<html>Bad Gateway", "prometheus/unavailable"],
    [503, because("query timed out in expression evaluation"), "prometheus/timeout"],
    [503, because("context deadline exceeded"), "prometheus/timeout"],
    [503, "", "prometheus/unavailable"],
    [504, "<html>Gateway Time-out", "prometheus/timeout"],
  ])("%d with %s is %s", (status, text, code) => {
    expect(told(status, text)).toMatchObject({ code, message: expect.stringContaining(`${place} answered ${status}`) });
  });

  it("passes on Prometheus' own reason, printable and on one line", () => {
    expect(told(400, because('bad "x"\n<b>\u001b')).message).toBe(
      `Prometheus at ${place} answered 400: bad "x"\\u000a\\u003cb\\u003e\\u001b`,
    );
    expect(told(400, because("x".repeat(1000))).message.length).toBeLessThan(400);
  });

  it.each(["", "null", "7", '"text"', "[]", '{"error":7}', "<html>", '{"error":'])(
    "makes nothing up from %j",
    (text) => {
      expect(told(400, text).message).toBe(`Prometheus at ${place} answered 400`);
    },
  );

  it("says where a redirect goes, and when to come back", () => {
    const redirect = told(302, "", { location: "https://user:hunter2@login.example/?state=hunter2" });
    expect(redirect.message).toMatch(/ \(a redirect to https:\/\/login\.example\)$/);
    expect(told(429, "", { "retry-after": "7" }).message).toMatch(/; Retry-After "7"$/);
    expect(told(429).message).toMatch(/answered 429$/);
  });

  it("says what to do wherever something can be done", () => {
    for (const status of [301, 400, 401, 404, 500]) expect(told(status).mend).not.toBe("");
  });

  it("tells a time-out by how long it waited", () => {
    const thrown = new DOMException("The operation was aborted due to timeout", "TimeoutError");
    expect(requestError(url, 1500, thrown)).toMatchObject({
      code: "prometheus/timeout",
      message: `Prometheus at ${place} did not answer within 1.5 s`,
    });
  });

  it("tells the deepest reason of a failed fetch, with its code", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED 192.0.2.1:9090"), { code: "ECONNREFUSED" });
    const expired = Object.assign(new Error("certificate has expired"), { code: "CERT_HAS_EXPIRED" });
    const failed = (cause: unknown) => requestError(url, 1000, new TypeError("fetch failed", { cause }));
    expect(failed(refused).message).toBe(`Prometheus at ${place} does not answer: connect ECONNREFUSED 192.0.2.1:9090`);
    expect(failed(expired).message).toBe(
      `Prometheus at ${place} does not answer: certificate has expired (CERT_HAS_EXPIRED)`,
    );
    expect(failed(undefined)).toMatchObject({
      code: "prometheus/unavailable",
      message: expect.stringContaining("fetch failed"),
    });
    expect(requestError(url, 1000, "odd").message).toMatch(/does not answer: odd$/);
  });

  it("never shows a secret of the URL, though fetch does", async () => {
    const thrown: unknown = await fetch(url).catch((error: unknown) => error);
    expect(String(thrown)).toContain("hunter2");
    const said = [requestError(url, 1000, thrown), ...[302, 400, 401, 404, 429, 500].map((status) => told(status))];
    for (const { message, mend } of said) expect(message + mend).not.toContain("hunter2");
  });
});
