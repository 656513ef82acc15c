import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { configSchema } from "../../lib/config/schema.ts";
import { readYaml } from "../../lib/config/yaml.ts";
import { mistakes, parsed, smallest, url } from "./make.ts";

const example = readFileSync(new URL("../data/config-example.yaml", import.meta.url), "utf8");

/** A piece of JSON Schema, as far as the config's uses it. */
interface Piece {
  properties?: Record<string, Piece>;
  additionalProperties?: Piece | boolean;
  items?: Piece;
  anyOf?: Piece[];
}

/** What a secret's reference may be is the same everywhere; parse.test.ts and secrets.test.ts have that. */
const references = ["env", "file", "ssm", "secretsManager"];
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Paths of keys that a schema knows and none of the values has. */
function unused(piece: Piece, values: readonly unknown[], path: string): string[] {
  const { properties = {}, additionalProperties: rest, items, anyOf = [] } = piece;
  const objects = values.filter(isObject);
  const below = Object.entries(properties).flatMap(([key, one]) => {
    const found = objects.filter((value) => Object.hasOwn(value, key)).map((value) => value[key]);
    if (found.length === 0) return references.includes(key) ? [] : [`${path}.${key}`];
    return unused(one, found, `${path}.${key}`);
  });
  return [
    ...below,
    ...(isObject(rest) ? unused(rest, objects.flatMap(Object.values), `${path}.*`) : []),
    ...(items === undefined ? [] : unused(items, values.filter(Array.isArray).flat(), `${path}[]`)),
    ...anyOf.flatMap((one) => unused(one, values, path)),
  ];
}

describe("config/schema", () => {
  it("takes the example, which has every key there is", () => {
    const config = parsed(example);
    expect(config.clusters.map((one) => one.name)).toEqual(["prod-eu", "staging", "aws"]);
    const schema: Piece = JSON.parse(JSON.stringify(z.toJSONSchema(configSchema, { io: "input" })));
    // There is one Pushgateway at most, and its auth is one of two.
    const other = { metrics: { pushgateway: { auth: { bearer: { env: "PUSH_TOKEN" } } } } };
    // And one repository at most.
    const gitlab = {
      token: { env: "GITLAB_TOKEN" },
      base: "",
      folder: "",
      draft: false,
      labels: [""],
      reviewers: [""],
      timeout: "",
    };
    const more = { pullRequests: { gitlab: { ...gitlab, project: "", apiUrl: "" } } };
    expect(unused(schema, [readYaml(example, "example"), other, more], "")).toEqual([]);
  });

  it("keeps all that the example says: what is written is what is meant", () => {
    expect(parsed(example)).toMatchObject(Object(readYaml(example, "example")));
  });

  it("refuses a key that is not there, wherever it stands", () => {
    // Not in headers, selectors and labels: their keys are the user's own.
    const lines = example
      .split("\n")
      .filter((line) => line.includes("{ ") && !/X-Api-Key|headers: \{|selector|label: \{/.test(line));
    expect(lines.length).toBeGreaterThan(15);
    for (const line of lines) {
      const misspelt = example.replace(line, line.replace("{ ", "{ colour: red, "));
      expect(mistakes(misspelt).join(), line).toMatch(/colour: no such key|must be/);
    }
  });

  it("needs no more than a cluster's name and URL, and fills in the rest", () => {
    expect(parsed(smallest())).toEqual({
      clusters: [
        {
          name: "prod",
          prometheus: {
            url,
            headers: {},
            matchers: "",
            timeout: "30s",
            replicaLabels: ["replica", "prometheus_replica", "__replica__"],
          },
          labels: {
            address: ["destination_address", "destination_ip"],
            port: ["destination_port"],
            sni: ["requested_server_name"],
          },
          internal: [],
          existing: [],
        },
      ],
      owners: [],
      teams: {},
      channels: {},
      routes: [],
      detect: { learn: "7d", spike: { falseAlarmsPerWeek: 1, floor: 5, ratio: 2 }, fanOut: { destinations: 20 } },
      policies: [],
      suggest: { istio: "1.30", exportTo: ["."], dnsCapture: false },
      enrich: { dns: { servers: [], perSecond: 50, budget: "20s", trusted: [] } },
      notify: { repeat: "24h", backoff: 2, quietAfter: 3, digest: "none", at: "09:00", zone: "UTC" },
      metrics: {},
      api: { tokens: [], requestsPerMinute: 300 },
      slack: { allow: [], apiUrl: "https://slack.com/api/" },
      state: "sqlite:egress-scout.db",
      folder: ".",
    });
  });

  it.each([
    ["ftp://a", "url"],
    ["prometheus:9090", "url"],
    ["", "url"],
    ["http://scout@prometheus.example", "url"],
    ["http://:hunter2@prometheus.example", "url"],
  ])("takes %j for no Prometheus", (text) => {
    const said = mistakes(`clusters: [{ name: a, prometheus: { url: "${text}" } }]`);
    expect(said).toEqual([
      expect.stringMatching(/^clusters\[0\]\.prometheus\.url: must be an http:\/\/ or https:\/\/ URL/),
    ]);
  });

  it.each(["http://localhost:9090", "https://mimir.example/prometheus", "http://[::1]:9090/", "http://a/b?c=d@e"])(
    "takes %s for one",
    (text) => {
      expect(parsed(`clusters: [{ name: a, prometheus: { url: "${text}" } }]`).clusters[0]?.prometheus.url).toBe(text);
    },
  );
});
