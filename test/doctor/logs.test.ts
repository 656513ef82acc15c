import type { ServerResponse } from "node:http";
import { afterEach, expect, it } from "vitest";
import { checkLogs } from "../../lib/doctor/logs.ts";
import { reach } from "../../lib/doctor/reach.ts";
import { type Answering, answering, json } from "../poll/answering.ts";

let loki: Answering | undefined;
afterEach(async () => {
  await loki?.stop();
  loki = undefined;
});

const flood = (response: ServerResponse): void => {
  response.on("error", () => {});
  const more = () => {
    while (!response.destroyed && response.write("x".repeat(65_536)));
    if (!response.destroyed) response.once("drain", more);
  };
  more();
};

it.each([
  ["labels", json({ status: "success", data: ["app"] }), "ok", /answers$/],
  ["no labels yet", json({ status: "success" }), "ok", /answers$/],
  ["401", json({}, 401), "fail", /answered 401$/],
  ["403", json({}, 403), "fail", /answered 403$/],
  ["404", json({}, 404), "fail", /answered 404$/],
  [
    "a redirect",
    (response: ServerResponse): void => void response.writeHead(302, { location: "/x" }).end(),
    "fail",
    /answered 302$/,
  ],
  ["503", json({}, 503), "fail", /answered 503$/],
  ["another 200", json({ hello: 1 }), "fail", /not as Loki does$/],
  ["a login page", (response: ServerResponse): void => void response.end("<html>"), "fail", /not as Loki does$/],
  ["a flood", flood, "fail", /not as Loki does$/],
  [
    "a reset",
    (response: ServerResponse): void => void response.socket?.destroy(),
    "fail",
    /the connection failed \([A-Z_]+\)$/,
  ],
  ["silence", (): void => {}, "fail", /no whole answer within 0.3 s$/],
  [
    "half an answer",
    (response: ServerResponse): void => void response.write("{"),
    "fail",
    /no whole answer within 0.3 s$/,
  ],
] as const)("%s", async (_, answer, status, says) => {
  const server = await answering(answer);
  loki = server;
  const labels = () => reach(`${server.url}/loki/api/v1/labels`, {}, 300);
  expect(await checkLogs({ logs: { place: server.url, labels }, groups: [] })).toMatchObject({
    status,
    found: expect.stringMatching(says),
  });
});

it("nobody there, nothing that is a URL, nothing configured", async () => {
  expect(await reach("http://127.0.0.1:44444/", {}, 300)).toEqual({ why: "the connection failed (ECONNREFUSED)" });
  expect(await reach("hunter2://no url", {}, 300)).toEqual({ why: expect.not.stringContaining("hunter2") });
  expect(await checkLogs({ logs: null, groups: [] })).toMatchObject({ status: "skip" });
  expect(await checkLogs({ logs: null, groups: ["/eks/istio"] })).toMatchObject({
    status: "skip",
    found: "CloudWatch Logs (/eks/istio), which is not asked here",
  });
});
