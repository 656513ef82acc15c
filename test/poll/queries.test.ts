import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  aliveQuery,
  askedCounters,
  growthQuery,
  identityLabels,
  oneOf,
  type QuerySettings,
  resetQuery,
  samplesQuery,
  selector,
} from "../../lib/poll/queries.ts";

const labels = { address: ["destination_address", "destination_ip"], port: ["destination_port"], sni: ["sni"] };
const settings: QuerySettings = { labels, matchers: "" };
const by =
  "source_cluster,source_workload_namespace,source_workload,destination_service,destination_service_name," +
  "request_protocol,destination_address,destination_ip,destination_port,sni";
const closed =
  'istio_tcp_connections_closed_total{reporter="source",' +
  'destination_service_name=~"PassthroughCluster|BlackHoleCluster",destination_workload=~"unknown|"';
const corpus: { value: string }[] = JSON.parse(
  readFileSync(new URL("../data/hostile-names.json", import.meta.url), "utf8"),
);

/** The pattern of a matcher as PromQL's lexer reads it (a Go string), as an anchored RegExp. */
function patternOf(matcher: string): RegExp {
  const [, text = ""] = /^host=~"((?:[^"\\\n]|\\.)*)"$/s.exec(matcher) ?? [];
  expect(text).toMatch(/^(?:[\x20-\x7e])*$/);
  const raw = text.replace(/\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(["\\]))|\\/g, (all, four, eight, plain) => {
    if (all === "\\") throw new Error("an escape that Go does not know");
    return plain ?? String.fromCodePoint(Number.parseInt(four ?? eight, 16));
  });
  // RE2 and JavaScript agree on escaped punctuation; `u` refuses any other escape, as RE2 does.
  return new RegExp(`^(?:${raw})$`, "su");
}

describe("poll/queries", () => {
  it("asks who is there by both catch-alls, as the source tells it, and not of pods called by their IP", () => {
    expect(aliveQuery("closed", settings, 900_000)).toBe(`sum by (${by}) (last_over_time(${closed}}[15m]))`);
    expect(identityLabels(labels).join()).toBe(by);
  });

  it("asks for requests and openings alike", () => {
    const rest = closed.slice(closed.indexOf("{"));
    expect(selector("requests", settings)).toBe(`istio_requests_total${rest}}`);
    expect(selector("opened", settings)).toBe(`istio_tcp_connections_opened_total${rest}}`);
  });

  it("asks for ALLOW_ANY_DYNAMIC_DNS by what Istio leaves unknown, without requests that went nowhere", () => {
    const asked = selector("dynamic", settings);
    expect(asked).toMatch(/^istio_requests_total\{reporter="source",destination_service_namespace="unknown",/);
    expect(asked).toContain('response_flags!~"NR|NC"');
    expect(asked).toMatch(
      /destination_service_name!~"[^"]*PassthroughCluster\|BlackHoleCluster\|InboundPassthroughCluster/,
    );
  });

  it.each([
    ["", ""],
    ['job!="envoy-stats"', ',job!="envoy-stats"'],
    [' job!="a",region="b", ', ',job!="a",region="b"'],
  ])("adds the config's matchers %j to every selector", (matchers, added) => {
    expect(selector("closed", { labels, matchers })).toBe(`${closed}${added}}`);
    expect(selector("closed", { labels, matchers }, 'a="b"')).toBe(`${closed}${added},a="b"}`);
  });

  it("asks for growth as the difference to before the window, and all of a counter that is new or was reset", () => {
    const now = `last_over_time(${closed}}[1h30m])`;
    const before = `last_over_time(${closed}}[1h] offset 1h30m)`;
    const asked = growthQuery("closed", settings, 5_400_000, 3_600_000, []);
    expect(asked).toContain(`(${now} - ${before}) >= 0 or ${now}`);
    expect(asked.startsWith(`sum by (${by}) (`)).toBe(true);
  });

  it("adds up one counter once, however many scrape it: by the host of its instance, or its pod", () => {
    const asked = growthQuery("closed", settings, 300_000, 3_600_000, ["response_code", "response_flags"]);
    const [, inner = ""] = /max by \(([^)]*)\)/.exec(asked) ?? [];
    expect(inner.split(",")).toEqual(expect.arrayContaining([...by.split(","), "response_code", "response_flags"]));
    expect(inner).not.toMatch(/job|replica|(^|,)instance/);
    expect(asked).toMatch(/"\$1", "pod", "\(\.\+\)"\).*"\$1", "instance", "\(\.\+\):\[0-9\]\+"\)/);
  });

  it("asks which counters were reset, also just before the window", () => {
    expect(resetQuery("closed", settings, 300_000, 3_600_000)).toBe(`group by (${by}) (resets(${closed}}[1h5m]) > 0)`);
  });

  it("asks for samples by a bare range, so that no server makes anything up", () => {
    expect(samplesQuery("closed", settings, 3_600_000, 'a="b"')).toBe(`${closed},a="b"}[1h]`);
  });

  describe("oneOf", () => {
    it.each([
      [["b", "a", "b"], 'host=~"a|b"'],
      [[""], 'host=~""'],
      [["api.example.com:80"], 'host=~"api\\\\.example\\\\.com:80"'],
      [['x"} or up{job="'], 'host=~"x\\"\\\\} or up\\\\{job=\\""'],
      [["a\nb"], 'host=~"a\\u000ab"'],
      [["\ufffd"], 'host=~"\\ufffd"'],
      [["\u{1f600}"], 'host=~"\\U0001f600"'],
    ])("writes %j as %s", (values, matcher) => {
      expect(oneOf("host", values)).toBe(matcher);
    });

    it("matches each value, and no other text", () => {
      const near = fc.constantFrom(
        ".",
        "*",
        "\\",
        '"',
        "|",
        "a",
        "b",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "+",
        "?",
        "^",
        "$",
        "\n",
      );
      const text = fc.oneof(
        fc.array(near, { maxLength: 4 }).map((all) => all.join("")),
        fc.string({ unit: "binary" }),
      );
      fc.assert(
        fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), text, (values, other) => {
          const pattern = patternOf(oneOf("host", values));
          for (const value of values) expect(pattern.test(value)).toBe(true);
          expect(pattern.test(other)).toBe(values.includes(other));
        }),
        { numRuns: 3000 },
      );
    });

    it("holds for every hostile name, and for that name alone", () => {
      for (const { value } of corpus) {
        const pattern = patternOf(oneOf("host", [value]));
        expect(corpus.filter((one) => pattern.test(one.value))).toEqual(corpus.filter((one) => one.value === value));
      }
    });
  });
});

describe("the egress gateway", () => {
  const sni = { address: [], port: [], sni: ["requested_server_name"] };
  const gateway = { namespace: 'istio"-system', names: ["istio-egressgateway", "e.g"] };
  const both = ["atGateway", "toGateway"];
  const asked = (change: Partial<QuerySettings>) =>
    askedCounters({ labels: sni, matchers: "", ...change }).filter((one) => both.includes(one));

  it("is asked about only where the config has one, and a label tells the SNI", () => {
    expect(asked({})).toEqual([]);
    expect(asked({ gateway: null })).toEqual([]);
    expect(asked({ gateway, labels: { ...sni, sni: [] } })).toEqual([]);
    expect(asked({ gateway })).toEqual(both);
  });

  it("by its namespace and names, escaped, and by the SNI; what the catch-alls have is asked for there", () => {
    const opened = 'istio_tcp_connections_opened_total{reporter="source"';
    const names = String.raw`"e\\.g|istio-egressgateway"`;
    const namespace = String.raw`"istio\"-system"`;
    const with_ = { labels: sni, matchers: "", gateway };
    expect(selector("atGateway", with_)).toBe(
      `${opened},source_workload_namespace=~${namespace},source_workload=~${names},` +
        'destination_service_name!~"PassthroughCluster|BlackHoleCluster",requested_server_name!=""}',
    );
    expect(selector("toGateway", with_)).toBe(
      `${opened},destination_service_namespace=~${namespace},destination_service_name=~${names},requested_server_name!=""}`,
    );
    const two = { ...sni, sni: ["a", "b"] };
    expect(selector("toGateway", { ...with_, labels: two })).not.toContain('!=""');
  });
});
