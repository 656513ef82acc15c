/** Every route's answers, those to what is wrong as well, are as `/openapi.json` says: the built `serve`, a real Prometheus. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, heldPast, type SetUp, serveApi } from "./api-set-up.ts";
import { type Described, described } from "./described.ts";
import type { HeldPast } from "./past.ts";
import { pressForm, signed } from "./serve-scout.ts";

let held: HeldPast;
let at: SetUp;
let api: Described;
let text: string;
const asked = new Set<string>();
beforeAll(async () => {
  held = await heldPast();
  at = await serveApi(held);
  text = await (await at.get("/openapi.json")).text();
  api = await described(text);
});
afterAll(async () => {
  await at.served.stop();
  await held.stop();
});

interface Got {
  status: number;
  type: string;
  body: string;
}
async function ask(method: string, path: string, init: RequestInit = {}): Promise<Got> {
  const response = await fetch(`${at.served.url}${path}`, { method, headers: bearer, ...init });
  const [route = ""] = path.split("?");
  const type = response.headers.get("content-type")?.split(";")[0] ?? "";
  const got = { status: response.status, type, body: await response.text() };
  expect([method, path, api.fault(method.toLowerCase(), route, got)]).toEqual([method, path, null]);
  for (const one of api.operations)
    if (new RegExp(`^${one.replace(/\{\w+\}/, "[^/]+")}$`).test(`${method.toLowerCase()} ${route}`)) asked.add(one);
  return got;
}
const json = { ...bearer, "content-type": "application/json" };
const post = (path: string, body: unknown, headers: Record<string, string> = json) =>
  ask("POST", path, { headers, body: typeof body === "string" ? body : JSON.stringify(body) });

describe("what is answered is as it is described", () => {
  it("to what is asked right", async () => {
    const usual = ["/healthz", "/", "/metrics", "/openapi.json", "/api/v1/sightings", "/api/v1/findings"];
    const plans = ["/api/v1/plan?since=4h", "/api/v1/service-entries?since=4h", "/api/v1/service-entries?format=json"];
    for (const path of [...usual, "/api/v1/sightings?limit=1", ...plans])
      expect([path, (await ask("GET", path)).status]).toEqual([path, 200]);
    const begun = await post("/api/v1/scan", { dryRun: true, since: "15m" });
    expect(begun.status).toBe(202);
    const place = `/api/v1/runs/${JSON.parse(begun.body).id}`;
    await ask("GET", place);
    await expect.poll(async () => JSON.parse((await ask("GET", place)).body).state, { timeout: 30_000 }).toBe("done");
    const { sightings } = JSON.parse((await ask("GET", "/api/v1/sightings?passage=allowed")).body);
    for (const [verdict, more] of [
      ["denied", {}],
      ["snoozed", { for: "3d", reason: "moves", by: "ada" }],
    ] as const)
      expect((await post("/api/v1/verdicts", { id: sightings[0].id, verdict, ...more })).status).toBe(200);
    await ask("GET", "/api/v1/sightings?verdict=snoozed");
  });

  it("to what is not changed", async () => {
    for (const path of [
      "/metrics",
      "/openapi.json",
      "/api/v1/sightings",
      "/api/v1/findings",
      "/api/v1/plan?since=4h",
    ]) {
      const etag = (await at.get(path)).headers.get("etag") ?? "";
      const got = await ask("GET", path, { headers: { ...bearer, "if-none-match": etag } });
      expect([path, got.status]).toEqual([path, 304]);
    }
  });

  it("to what is asked wrong, or by nobody", async () => {
    for (const operation of api.operations) {
      const [method = "", template = ""] = operation.split(" ");
      const path = template.replace(/\{\w+\}/, "00000000-0000-4000-8000-000000000000");
      if (template === "/healthz") continue;
      expect([operation, (await ask(method.toUpperCase(), path, { headers: {} })).status]).toEqual([operation, 401]);
      if (template.startsWith("/slack/")) continue;
      expect([operation, (await ask(method.toUpperCase(), `${path}?what=1`)).status]).toEqual([operation, 400]);
      if (method === "post")
        for (const [body, headers, status] of [
          ["{", json, 400],
          ["[]", json, 400],
          ["{}", { ...bearer, "content-type": "text/plain" }, 415],
          ["x".repeat(1_100_000), json, 413],
        ] as const)
          expect([operation, (await post(path, body, headers)).status]).toEqual([operation, status]);
    }
    expect((await ask("GET", "/api/v1/runs/00000000-0000-4000-8000-000000000000")).status).toBe(404);
    expect((await post("/api/v1/verdicts", { id: "0123", verdict: "denied" })).status).toBe(404);
    expect((await ask("GET", "/api/v1/plan?cluster=other")).status).toBe(400);
    expect((await ask("GET", "/api/v1/sightings?cluster=other")).status).toBe(400);
  });

  it("to Slack", async () => {
    const form = (body: string) => ({ body, headers: signed(body) });
    const command = new URLSearchParams({ command: "/egress", text: "shop", user_id: "U012AB3CD" }).toString();
    expect((await ask("POST", "/slack/commands", form(command))).status).toBe(200);
    expect((await ask("POST", "/slack/commands", form("a=b"))).status).toBe(400);
    expect((await ask("POST", "/slack/actions", form("a=b"))).status).toBe(400);
    const pressed = pressForm({ action: "deny", value: "0123456789abcdef" });
    expect((await ask("POST", "/slack/actions", form(pressed))).status).toBe(200);
  });

  it("every route was asked", () => expect([...asked].sort()).toEqual([...api.operations].sort()));

  it("and what is not is told", async () => {
    const { body } = await ask("GET", "/api/v1/sightings");
    const sightings = (answer: object) =>
      api.fault("get", "/api/v1/sightings", { status: 200, type: "application/json", body: JSON.stringify(answer) });
    const answer = JSON.parse(body);
    expect(sightings(answer)).toBeNull();
    expect(sightings({ ...answer, next: 7 })).toContain("next");
    expect(sightings({ ...answer, sightings: [{ ...answer.sightings[0], count: "many" }] })).toContain("count");
    expect(sightings({ ...answer, more: 1 })).toContain("additional");
    expect(api.fault("get", "/healthz", { status: 418, type: "text/html", body: "" })).toContain("text/html");
    await expect(described(text.replace('"openapi":"3.1.1"', '"openapi":"3.1.1","paths2":{}'))).rejects.toThrow();
  });
});
