/** The HTTP API as programs use it: the built `serve`, a state that real scans have written, a real Prometheus. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { allRoutes } from "../../lib/api/app.ts";
import { findingsShape } from "../../lib/api/findings.ts";
import { runShape } from "../../lib/api/scan.ts";
import { sightingsShape } from "../../lib/api/sightings.ts";
import { planSchema } from "../../lib/report/plan-schema.ts";
import { admit } from "../admission/admit.ts";
import { bearer, begin, end, heldPast, hour, minute, type SetUp, serveApi } from "./api-set-up.ts";
import type { HeldPast } from "./past.ts";
import { runScout } from "./run-scout.ts";

let held: HeldPast;
let at: SetUp;
beforeAll(async () => {
  held = await heldPast();
  at = await serveApi(held);
});
afterAll(async () => {
  await at.served.stop();
  await held.stop();
});

const hosts = async (query: string) => {
  const response = await at.get(`/api/v1/sightings${query}`);
  const { sightings } = sightingsShape.parse(await response.json());
  return sightings.map(({ destination }) => destination.host ?? destination.address).sort();
};
const ended = async (id: string) => {
  await expect
    .poll(async () => runShape.parse(await (await at.get(`/api/v1/runs/${id}`)).json()).state, { timeout: 30_000 })
    .not.toBe("running");
  return runShape.parse(await (await at.get(`/api/v1/runs/${id}`)).json());
};

describe("sightings", () => {
  it("are what `report` tells", async () => {
    const { stdout } = await runScout(["report", "--config", at.config, "--format", "json"]);
    const [cluster] = JSON.parse(stdout).clusters;
    const told = cluster.namespaces.flatMap((one: { sightings: unknown[] }) => one.sightings);
    const response = await at.get("/api/v1/sightings");
    expect(response.status).toBe(200);
    const { sightings, next } = sightingsShape.parse(await response.json());
    expect(next).toBeNull();
    expect(sightings).toEqual(told);
    expect(sightings.length).toBeGreaterThanOrEqual(5);
  });

  it("are filtered", async () => {
    expect(await hosts("?namespace=batch")).toEqual(["203.0.113.4", "api.stripe.com"]);
    expect(await hosts("?workload=job&passage=blocked")).toEqual(["203.0.113.4"]);
    expect(await hosts("?destination=STRIPE")).toEqual(["api.stripe.com"]);
    expect(await hosts(`?destination=${encodeURIComponent("203.0.113.4:5432")}`)).toEqual(["203.0.113.4"]);
    expect(await hosts(`?since=${(begin + 31 * minute) / 1000}&namespace=batch`)).toEqual(["api.stripe.com"]);
    expect(await hosts("?cluster=prod&namespace=nowhere")).toEqual([]);
    expect(await hosts("?verdict=none&destination=stripe")).toEqual(["api.stripe.com"]);
  });

  it("by verdict, as it is decided; the ETag changes with it", async () => {
    const path = "/api/v1/sightings?destination=known.example.com";
    const before = await at.get(path);
    const etag = before.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\da-f]{64}"$/);
    expect(before.headers.get("cache-control")).toBe("private, no-cache");
    const [one] = sightingsShape.parse(await before.json()).sightings;
    const same = await at.get(path, { ...bearer, "if-none-match": `"other", ${etag}` });
    expect([same.status, same.headers.get("etag"), await same.text()]).toEqual([304, etag, ""]);
    expect((await at.post("/api/v1/verdicts", { id: one?.id, verdict: "approved", by: "ada" })).status).toBe(200);
    const after = await at.get(path, { ...bearer, "if-none-match": etag });
    expect(after.status).toBe(200);
    expect(await hosts("?verdict=approved")).toEqual(["known.example.com"]);
    expect(await hosts("?verdict=none")).not.toContain("known.example.com");
  });

  it("come in pages that hold all of them once", async () => {
    const all = await hosts("");
    const seen: (string | null)[] = [];
    let next: string | null = "";
    while (next !== null) {
      const response = await at.get(`/api/v1/sightings?limit=2${next === "" ? "" : `&next=${next}`}`);
      const page = sightingsShape.parse(await response.json());
      expect(page.sightings.length).toBeLessThanOrEqual(2);
      seen.push(...page.sightings.map(({ destination }) => destination.host ?? destination.address));
      next = page.next;
    }
    expect(seen.sort()).toEqual(all);
  });
});

describe("findings", () => {
  it("are those that are open and those that were told, newest first, with whose they are", async () => {
    const { findings } = findingsShape.parse(await (await at.get("/api/v1/findings")).json());
    expect(findings.map(({ kind, state, team }) => `${kind} ${state} ${team}`).sort()).toEqual([
      "new-destination told platform",
      "new-destination told shop & sons",
      "policy-violation open shop & sons",
    ]);
    const narrow = async (query: string) =>
      findingsShape.parse(await (await at.get(`/api/v1/findings?${query}`)).json()).findings.length;
    expect(await narrow("state=open")).toBe(1);
    expect(await narrow("kind=new-destination&namespace=batch&cluster=prod")).toBe(1);
    expect(await narrow(new URLSearchParams({ team: "shop & sons" }).toString())).toBe(2);
    expect(await narrow("severity=critical&state=told")).toBe(0);
    const [first] = findingsShape.parse(await (await at.get("/api/v1/findings?limit=1")).json()).findings;
    expect(first).toEqual(findings[0]);
  });
});

describe("plan", () => {
  it("is what the command says, for all or for one namespace", async () => {
    const response = await at.get("/api/v1/plan?since=4h");
    expect(response.status).toBe(200);
    const plan = planSchema.parse(await response.json());
    const { stdout } = await runScout(["plan", "--config", at.config, "--since", "4h", "--format", "json"]);
    const told = planSchema.parse(JSON.parse(stdout));
    expect(plan.wouldBreak).toEqual(told.wouldBreak);
    expect(plan.manifests).toEqual(told.manifests);
    expect(plan.flows).toBeGreaterThanOrEqual(4);
    const shop = planSchema.parse(await (await at.get("/api/v1/plan?since=4h&namespace=shop&cluster=prod")).json());
    expect(new Set(shop.wouldBreak.map(({ source }) => source.namespace))).toEqual(new Set(["shop"]));
    expect(shop.flows).toBe(plan.wouldBreak.filter(({ source }) => source.namespace === "shop").length);
    expect([shop.from, shop.to]).toEqual([plan.from, plan.to]);
  });

  it("of so long ago that nobody keeps it is not asked for, as a time no more than as a duration", async () => {
    for (const path of ["/api/v1/plan", "/api/v1/service-entries"])
      for (const since of ["401d", "2001-01-01T00:00:00Z", "0"]) {
        const response = await at.get(`${path}?since=${since}`);
        expect([path, since, response.status]).toEqual([path, since, 400]);
        expect(await response.text()).toContain("400d at most");
      }
  });

  it("its manifests come as YAML that Istio admits, or as JSON by Accept or by name", async () => {
    const path = "/api/v1/service-entries?since=4h&namespace=shop";
    const yaml = await at.get(path);
    expect([yaml.status, yaml.headers.get("content-type"), yaml.headers.get("vary")]).toEqual([
      200,
      "application/yaml",
      "Accept",
    ]);
    const entries = parseAllDocuments(await yaml.text()).map((one) => one.toJS());
    expect(entries.length).toBeGreaterThanOrEqual(2);
    for (const one of entries) {
      expect(one).toMatchObject({ kind: "ServiceEntry", metadata: { namespace: "shop" } });
      expect(admit(one)).toEqual([]);
    }
    const json = await at.get(path, { ...bearer, accept: "application/json" });
    expect(await json.json()).toEqual({ apiVersion: "v1", kind: "List", items: entries });
    expect(
      (await at.get(`${path}&format=yaml`, { ...bearer, accept: "application/json" })).headers.get("content-type"),
    ).toBe("application/yaml");
    expect((await at.get(`${path}&format=json`)).headers.get("content-type")).toMatch(/^application\/json/);
  });
});

describe("scan", () => {
  it("two at once: one begins and the other is told to wait; its end has the scan", async () => {
    const asked = { at: new Date(end - hour).toISOString() };
    const both = await Promise.all([at.post("/api/v1/scan", asked), at.post("/api/v1/scan", asked)]);
    expect(both.map(({ status }) => status).sort()).toEqual([202, 409]);
    const [begun] = both.filter(({ status }) => status === 202);
    const { id } = JSON.parse((await begun?.text()) ?? "{}");
    expect(begun?.headers.get("location")).toBe(`/api/v1/runs/${id}`);
    const run = await ended(id);
    expect(run).toMatchObject({ id, cluster: "prod", state: "done", by: "api", error: null });
    expect(run.scan?.run.to).toBe(new Date(end - hour).toISOString());
    expect(run.scan?.run.from).toBe(new Date(begin + 40 * minute).toISOString());
    expect((await at.get(`/metrics`)).status).toBe(200);
    expect(await (await at.get("/metrics")).text()).toContain(
      `egress_scout_run_window_end_timestamp_seconds{cluster="prod"} ${(end - hour) / 1000}\n`,
    );
  });

  it("while another process has its turn: 409", async () => {
    const { openStore } = await import("../../lib/remember/index.ts");
    const store = await openStore(`sqlite:${at.config.replace(/yaml$/, "db")}`);
    const lease = await store.lease("prod", 0);
    const refused = await at.post("/api/v1/scan", { cluster: "prod", dryRun: true });
    expect([refused.status, refused.headers.get("content-type")]).toEqual([409, "application/problem+json"]);
    await lease.release();
    await store.close();
    const dry = await at.post("/api/v1/scan", { cluster: "prod", dryRun: true, since: "15m" });
    const { id } = JSON.parse(await dry.text());
    expect((await ended(id)).scan?.wouldSend).toBeDefined();
  });

  it("what is asked wrong is refused, with all that is wrong", async () => {
    const cases: [unknown, number, string][] = [
      [{ cluster: "other" }, 400, 'the config has no cluster "other"; it has: prod'],
      [{ clusters: "prod" }, 400, "clusters: no such key"],
      [{ at: "tomorrow", since: "15 minutes" }, 400, "at: "],
      [{ since: "2001-01-01T00:00:00Z" }, 400, "since: 400d at most"],
      [{ at: Date.now() / 1000 + 3600 }, 400, "at: must be no time in the future"],
      [{ cluster: "http://169.254.169.254/" }, 400, "no cluster"],
      [[], 400, "(the body)"],
    ];
    for (const [body, status, words] of cases) {
      const response = await at.post("/api/v1/scan", body);
      expect(response.status).toBe(status);
      expect(await response.text()).toContain(JSON.stringify(words).slice(1, -1));
    }
    expect((await at.get("/api/v1/runs/00000000-0000-4000-8000-000000000000")).status).toBe(404);
    expect((await at.get("/api/v1/runs/..%2f..%2fetc%2fpasswd")).status).toBe(404);
  });
});

describe("every route", () => {
  const asked = allRoutes.map(({ method, path, who }) => ({ method, path: path.replace(":id", "x"), who }));

  it("asks for a token, or for Slack's signature, or is /healthz", async () => {
    expect(asked.filter(({ who }) => who === "anybody").map(({ path }) => path)).toEqual(["/healthz"]);
    for (const { method, path, who } of asked) {
      const wrong = { authorization: "Bearer wrong", "content-type": "application/json" };
      for (const headers of [{}, wrong, { authorization: `Basic ${btoa("a:first-token-of-two")}` }]) {
        const response = await fetch(`${at.served.url}${path}`, { method, headers });
        expect([path, response.status]).toEqual([path, who === "anybody" ? 200 : 401]);
        expect(response.headers.get("x-content-type-options")).toBe("nosniff");
        expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
      }
    }
    expect((await fetch(`${at.served.url}/api/v1/nothing`)).status).toBe(401);
  });

  it("answers HEAD where it answers GET, says what it takes where it does not, and allows no other origin", async () => {
    for (const { method, path } of asked.filter((one) => one.who === "client")) {
      const url = `${at.served.url}${path}`;
      const head = await fetch(url, { method: "HEAD", headers: bearer });
      expect([path, head.status, await head.text()]).toEqual([
        path,
        method === "get" ? (path.includes("runs") ? 404 : 200) : 405,
        "",
      ]);
      const put = await fetch(url, { method: "PUT", headers: bearer });
      expect([put.status, put.headers.get("content-type")]).toEqual([405, "application/problem+json"]);
      expect(put.headers.get("allow")).toContain(method.toUpperCase());
      const cross = {
        method: "OPTIONS",
        headers: { origin: "https://evil.example", "access-control-request-method": "GET" },
      };
      expect((await fetch(url, cross)).headers.get("access-control-allow-origin")).toBeNull();
    }
  });
});
