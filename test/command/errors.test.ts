import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { runScout } from "./run-scout.ts";

const dir = mkdtempSync(join(tmpdir(), "egress-scout-errors-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("a Prometheus that does not do", () => {
  let answer: RequestListener = () => {};
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    answer(request, response);
  });
  let url = "";
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://user:hunter2@127.0.0.1:${(server.address() as AddressInfo).port}`.replace("user:hunter2@", "");
  });
  afterEach(() => server.closeAllConnections());
  afterAll(() => server.close());

  const json =
    (status: number, body: unknown, headers = {}): RequestListener =>
    (_, response) => {
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    };
  const bad = (error: string) => ({ status: "error", errorType: "bad_data", error });

  const faults: { name: string; answer: RequestListener; code: string; says: RegExp }[] = [
    { name: "401", answer: json(401, {}), code: "prometheus/unauthorized", says: /auth/ },
    { name: "403", answer: json(403, {}), code: "prometheus/unauthorized", says: /auth/ },
    {
      name: "404",
      answer: (_, response) => response.writeHead(404).end("page not found"),
      code: "prometheus/not-found",
      says: /path/,
    },
    {
      name: "400",
      answer: json(400, bad('parse error: unexpected "}"')),
      code: "prometheus/bad-query",
      says: /parse error/,
    },
    {
      name: "422",
      answer: json(422, bad("execution: found duplicate series")),
      code: "prometheus/bad-query",
      says: /duplicate/,
    },
    {
      name: "429",
      answer: json(429, {}, { "retry-after": "7" }),
      code: "prometheus/rate-limited",
      says: /Retry-After "7"/,
    },
    { name: "500", answer: json(500, {}), code: "prometheus/unavailable", says: /500/ },
    {
      name: "503",
      answer: json(503, bad("query timed out in expression evaluation")),
      code: "prometheus/timeout",
      says: /timed out/,
    },
    {
      name: "a login page",
      answer: (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
      code: "prometheus/bad-answer",
      says: /not JSON/,
    },
    {
      name: "a redirect",
      answer: (_, response) => response.writeHead(302, { location: "https://login.example/?token=hunter2" }).end(),
      code: "prometheus/not-found",
      says: /redirect to https:\/\/login.example/,
    },
    {
      name: "half an answer",
      answer: (_, response) => {
        response.writeHead(200, { "content-length": "9999" }).write('{"status":');
        setTimeout(() => response.destroy(), 50);
      },
      code: "prometheus/unavailable",
      says: /does not answer/,
    },
    {
      name: "a reset",
      answer: (request) => request.socket.destroy(),
      code: "prometheus/unavailable",
      says: /does not answer/,
    },
    {
      name: "another shape",
      answer: json(200, { status: "success", data: { resultType: "scalar", result: [1, "2"] } }),
      code: "prometheus/bad-answer",
      says: /not what/,
    },
    {
      name: "samples that are none",
      answer: json(200, {
        status: "success",
        data: { resultType: "vector", result: [{ metric: { a: 1 }, value: "x" }] },
      }),
      code: "prometheus/bad-answer",
      says: /not what/,
    },
    {
      name: "JSON null",
      answer: (_, response) => response.end("null"),
      code: "prometheus/bad-answer",
      says: /not what/,
    },
  ];

  it.each(faults)("$name: one line with its code, and exit 1", async (fault) => {
    answer = fault.answer;
    asked = 0;
    const { code, stdout, stderr } = await runScout(["scan", "--prometheus", url, "--state", "memory:"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).toContain(`egress-scout: ${fault.code}: `);
    expect(stderr).toMatch(fault.says);
    expect(stderr).not.toContain("hunter2");
    expect(asked).toBeGreaterThan(0);
  });

  it("silence: a time-out that says how long it waited", async () => {
    answer = () => {};
    const config = join(dir, "timeout.yaml");
    writeFileSync(
      config,
      `clusters: [{ name: a, prometheus: { url: "${url}", timeout: 300ms } }]\ndetect: { learn: 4m }\n`,
    );
    const { code, stderr } = await runScout(["scan", "--config", config, "--state", "memory:"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^egress-scout: prometheus\/timeout: .* within 0.3 s; .*\n$/);
  });

  it("nobody there", async () => {
    const { code, stderr } = await runScout([
      "scan",
      "--prometheus",
      "http://127.0.0.1:44444/prom",
      "--state",
      "memory:",
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^egress-scout: prometheus\/unavailable: Prometheus at http:\/\/127.0.0.1:44444\/prom does not answer: .*ECONNREFUSED.*\n$/,
    );
  });

  it("warnings and an empty answer are no error; the warnings are passed on", async () => {
    answer = json(200, {
      status: "success",
      warnings: ["store-gateway 3 is away"],
      data: { resultType: "vector", result: [] },
    });
    const { code, stdout } = await runScout([
      "scan",
      "--prometheus",
      url,
      "--state",
      "memory:",
      "--format",
      "json",
      "--learn",
      "1h",
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).run.warnings).toEqual(["store-gateway 3 is away"]);
  });

  it("a value that no count can be is no observation", async () => {
    const row = (host: string, value: string) => ({
      metric: {
        source_workload: "w",
        source_workload_namespace: "n",
        destination_service: host,
        destination_service_name: "PassthroughCluster",
        request_protocol: "http",
      },
      value: [1, value],
    });
    const result = ["NaN", "+Inf", "-Inf", "-4", "0"].map((value, index) => row(`h${index}.example.com`, value));
    const rows = [...result, row("good.example.com", "7")];
    answer = async (request, response) => {
      const query = new URLSearchParams(await text(request)).get("query") ?? "";
      const asksThem = query.includes('istio_requests_total{reporter="source",destination_service_name=~');
      json(200, { status: "success", data: { resultType: "vector", result: asksThem ? rows : [] } })(request, response);
    };
    const { stdout } = await runScout([
      "scan",
      "--prometheus",
      url,
      "--state",
      "memory:",
      "--format",
      "json",
      "--learn",
      "1h",
    ]);
    const { learned, run } = JSON.parse(stdout);
    expect(learned).toEqual({ destinations: 1, workloads: 1 });
    expect(run.warnings.join()).toMatch(/^\d+ rows hold a value that no counter has/);
  });
});

describe("wrong use", () => {
  const wrong: { args: string[]; says: RegExp }[] = [
    { args: ["scan", "--at", "yesterday", "--prometheus", "http://a"], says: /RFC 3339/ },
    { args: ["scan", "--since", "-5", "--prometheus", "http://a"], says: /duration/ },
    { args: ["scan", "--nonsense"], says: /unknown option/ },
    { args: ["scann"], says: /unknown command/ },
    { args: ["scan", "--prometheus", "not a url"], says: /http:\/\/ or https:\/\// },
    { args: ["scan", "--prometheus", "http://a", "--state", "redis:x"], says: /no such kind of state/ },
    { args: ["scan", "--prometheus", "http://a", "--state", "constructor:x"], says: /no such kind of state/ },
    { args: ["scan", "--prometheus", "http://a", "--dns", "127.0.0.1:99999", "--state", "memory:"], says: /99999/ },
    { args: ["scan", "--config", "/nowhere/egress-scout.yaml"], says: /cannot be read \(ENOENT\)/ },
    { args: ["scan", "--format", "xml", "--prometheus", "http://a"], says: /text.*json/ },
  ];
  it.each(wrong)("$args: exit 2 with what to do", async ({ args, says }) => {
    const { code, stdout, stderr } = await runScout(args, { cwd: dir });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it("no cluster anywhere", async () => {
    const { code, stderr } = await runScout(["scan"], { cwd: dir });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^egress-scout: usage: no --prometheus URL.*\n$/);
  });

  it("a config with five mistakes: all five, each with its path and what is allowed", async () => {
    const file = join(dir, "five.yaml");
    writeFileSync(
      file,
      `clusters:
  - name: prod
    prometheus: { url: "ftp://prometheus", timeout: soon }
    colour: red
owners: [{ team: a, channels: [nobody] }]
channels: { s: { slack: { webhook: "https://hooks.slack.com/services/T/B/hunter2" } } }
`,
    );
    const { code, stderr } = await runScout(["scan", "--config", file]);
    expect(code).toBe(2);
    const [head, ...mistakes] = stderr.trimEnd().split("\n");
    expect(head).toContain("config/invalid");
    expect(mistakes.map((one) => one.trim().split(":")[0])).toEqual([
      "clusters[0].prometheus.url",
      "clusters[0].prometheus.timeout",
      "clusters[0].colour",
      "channels.s.slack.webhook",
      "owners[0].channels[0]",
    ]);
    for (const one of mistakes) expect(one).toMatch(/must be|no such/);
    expect(stderr).not.toContain("hunter2");
  });

  it("a secret that is not there is a mistake of the config", async () => {
    const file = join(dir, "secret.yaml");
    writeFileSync(
      file,
      `clusters: [{ name: a, prometheus: { url: "http://127.0.0.1:44444" } }]\nchannels: { s: { slack: { webhook: { env: NOT_SET } } } }\n`,
    );
    const { code, stderr } = await runScout(["scan", "--config", file, "--state", "memory:"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/channels\.s: the environment variable NOT_SET is not set/);
  });
});

describe("a state file that does not do", () => {
  const scan = (state: string) =>
    runScout(["scan", "--prometheus", "http://127.0.0.1:44444", "--state", state], { cwd: dir });

  it("in a folder that is not there", async () => {
    const { code, stderr } = await scan(`sqlite:${dir}/not/there/state.db`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^egress-scout: store\/unavailable: .*state\.db cannot be used: .*; give --state .*\n$/);
  });

  it("that is a folder", async () => {
    expect(await scan(`sqlite:${dir}`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^egress-scout: store\/unavailable: .*\n$/),
    });
  });

  it("that is something else", async () => {
    const file = join(dir, "holiday.jpg");
    writeFileSync(file, "JFIF".repeat(2000));
    expect(await scan(`sqlite:${file}`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^egress-scout: store\/corrupt: .*\n$/),
    });
  });
});
