import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../lib/config/parse.ts";
import { ConfigError } from "../../lib/errors.ts";
import { mistakes, parsed, smallest } from "./make.ts";

const words = [
  ...[
    "clusters:",
    "prometheus: ",
    "owners: ",
    "channels: ",
    "teams: ",
    "routes: ",
    "name",
    "url",
    "http://a",
    "__proto__: ",
  ],
  ...[
    "\n",
    "  ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ": ",
    "&a ",
    "*a",
    "<<: ",
    "|",
    "> ",
    '"',
    "'",
    "? ",
    "---\n",
    "...",
    "#",
    "\t",
  ],
  ...[
    "!!binary ",
    "!!set ",
    "!!omap ",
    "!!timestamp ",
    "%YAML 1.1\n",
    "~",
    "@",
    "`",
    "\u0000",
    "\ufeff",
    "1e999",
    ".nan",
    "0x1",
  ],
];
const yamlish = fc
  .array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 5 })), { maxLength: 25 })
  .map((pieces) => pieces.join(""));
const keys = ["clusters", "owners", "teams", "channels", "routes", "detect", "suggest", "enrich", "state", "__proto__"];

/** The mistakes of a value, or none; anything else that is thrown fails the test. */
function met(work: () => unknown): readonly string[] {
  try {
    work();
    return [];
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ConfigError);
    const said = thrown instanceof ConfigError ? thrown.mistakes : [];
    expect(said.length).toBeGreaterThan(0);
    return said;
  }
}

describe("config/parse", () => {
  it("meets any text with a config or with mistakes of one line each, and says nothing else to anybody", async () => {
    const warned: Error[] = [];
    const listen = (warning: Error) => void warned.push(warning);
    process.on("warning", listen);
    fc.assert(
      fc.property(yamlish, (text) => {
        for (const one of met(() => parsed(text))) expect(one).toMatch(/^[^\n]+$/);
        for (const one of met(() => parsed(smallest(text)))) expect(one).toMatch(/^[^\n]+$/);
      }),
      { numRuns: 5000, examples: [["? [x]\n: y"], ["a: !!binary '@'"]] },
    );
    // Node emits warnings in a later tick.
    await new Promise(setImmediate);
    process.off("warning", listen);
    expect(warned).toEqual([]);
  });

  it("meets any value so, whatever a YAML tag may make of it", () => {
    const value = fc.anything({
      withNullPrototype: true,
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
    });
    const file = fc.dictionary(fc.constantFrom(...keys), value);
    fc.assert(
      fc.property(fc.oneof(file, value), (one) => void met(() => checkConfig(one, "scout.yaml"))),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["a: [", "Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 5"],
    ["a: *b", "Unresolved alias"],
    ["a: 1\n---\nb: 2", "multiple documents"],
    [smallest("clusters: 1"), "Map keys must be unique at line 2, column 1"],
    [`a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c]`, "alias"],
    ["a: |\u001b[2J\n", "extra characters: |\\u001b[2J at line 1, column"],
    // To make texts of keys that nest took minutes.
    ["- ? ".repeat(90), "A list or an object is a key at line 1, column"],
    [`a: &a [x]\n? *a\n: b`, "A list or an object is a key at line 2, column"],
  ])("says where %j is no YAML", (text, said) => {
    expect(mistakes(text)).toEqual([expect.stringContaining(said)]);
  });

  it("says so where YAML nests more deeply than its parser goes", () => {
    const [said, ...more] = mistakes(`${"- ".repeat(5_000)}\na: 1\n`);
    expect([said, more]).toEqual([expect.stringMatching(/^Nested too deeply/), []]);
  });

  it("says of a text that is anything but YAML where it begins to be, and how often it goes on", () => {
    const all = mistakes('"'.repeat(1_000));
    expect(all).toHaveLength(21);
    expect(all[0]).toMatch(/ at line 1, column \d+$/);
    expect(all.at(-1)).toMatch(/^and 4\d\d more like these$/);
  });

  it("prints names that the file has as text alone", () => {
    const text = `channels: { "a\\e[2Jb": { slack: { webhook: { env: A } } } }\nowners: [{ team: a, channels: [x] }]`;
    expect(mistakes(smallest(text))).toContain("owners[0].channels[0]: no such channel; there are a\\u001b[2Jb");
  });

  it.each([
    ["", "clusters: missing; array expected"],
    ["[]", "(the file): expected object, received array"],
    ["clusters: []", "clusters: expected array to have >=1 items"],
    ["clusters: [{ name: a }]", "clusters[0].prometheus: missing; object expected"],
    [smallest("colour: red"), "colour: no such key"],
    [smallest('"we ird\\u0007": 1'), '"we ird\\u0007": no such key'],
    [smallest("constructor: 1"), "constructor: no such key"],
    [smallest("detect: { spike: { ratio: 0.5 } }"), "detect.spike.ratio: expected number to be >=1"],
    [
      smallest("detect: { fanOut: { destinations: 1.5 } }"),
      "detect.fanOut.destinations: expected int, received number",
    ],
    [smallest("detect: { learn: a week }"), "detect.learn: must be a duration such as 30s, 15m or 7d"],
    [smallest('notify: { at: "9" }'), 'notify.at: must be a time of day such as "22:00"'],
    [smallest("notify: { zone: Mars/Olympus }"), "notify.zone: must be a time zone such as Europe/Berlin or UTC"],
    [smallest("notify: { digest: hourly }"), 'notify.digest: expected one of "daily"|"weekly"|"none"'],
    [
      smallest('teams: { t: { channels: [], quiet: { from: "07:00", to: "07:00" } } }'),
      "teams.t.quiet: must be a from and a to that differ",
    ],
    [
      smallest('teams: { t: { channels: [], quiet: { from: "24:00", to: "07:00" } } }'),
      'teams.t.quiet.from: must be a time of day such as "22:00"',
    ],
    [smallest("state: redis:x"), "state: must be sqlite:PATH, dynamodb:TABLE or memory:"],
    [smallest("suggest: { istio: 1.30 }"), "suggest.istio: expected string, received number"],
    [smallest("suggest: { exportTo: [A_B] }"), "suggest.exportTo[0]: must be ., *, ~ or a namespace"],
    [
      smallest('suggest: { exportTo: ["*", "."] }'),
      "suggest.exportTo: must be * or ~ alone, or else . and namespaces: Istio refuses a mix",
    ],
    ...["10.0.0.0/33", "10.0.0/8", "10.0.0.256", "*", "*.*.example", "a b", "*corp.example"].map((place) => [
      `clusters: [{ name: a, prometheus: { url: "http://a" }, internal: [good.example, "${place}"] }]`,
      "clusters[0].internal[1]: must be an address, a network such as 10.0.0.0/8, a host name or *.suffix",
    ]),
    [
      'clusters: [{ name: a, prometheus: { url: "http://a", timeout: 0s } }]',
      "clusters[0].prometheus.timeout: must be longer than no time at all",
    ],
  ])("names the path and what is allowed: %j", (text, mistake) => {
    expect(mistakes(text)).toEqual([mistake]);
  });

  it("takes every kind of internal place", () => {
    const places = '[10.0.0.0/8, "fd00::/8", 10.1.2.3, "::1", db, db.corp.example, "*.corp.example"]';
    const text = `clusters: [{ name: a, prometheus: { url: "http://a" }, internal: ${places} }]`;
    expect(() => mistakes(text)).toThrow("no mistake");
  });

  it("explains the alternative that was meant, where one was", () => {
    const auth = (text: string) => `clusters: [{ name: a, prometheus: { url: "http://a", auth: ${text} } }]`;
    const at = "clusters[0].prometheus.auth";
    expect(mistakes(auth("{ digest: 1 }"))).toEqual([
      expect.stringMatching(`^${at.replace(/[[.]/g, "\\$&")}: must be one of`),
    ]);
    expect(mistakes(auth("{ basic: { username: a, password: { env: A }, realm: b } }"))).toEqual([
      `${at}.basic.realm: no such key`,
    ]);
    const channel = (text: string) => mistakes(smallest(`channels: { a: ${text} }`));
    expect(channel("{ slack: { token: { env: A } } }")).toEqual(["channels.a.slack.channel: missing; string expected"]);
    expect(channel("{ sns: { topicArn: topic } }")).toEqual([
      "channels.a.sns.topicArn: must be arn:aws:sns:REGION:ACCOUNT:TOPIC",
    ]);
    expect(channel("{ alertmanager: { url: ftp://a } }")).toEqual([
      "channels.a.alertmanager.url: must be an http:// or https:// URL",
    ]);
    expect(channel("{ alertmanager: { url: http://a, firing: 0s, auth: { bearer: hunter2 } } }")).toEqual([
      expect.stringContaining("channels.a.alertmanager.auth.bearer: must be a reference"),
      "channels.a.alertmanager.firing: must be longer than no time at all",
    ]);
    expect(parsed(smallest("channels: { a: { webhook: { url: { env: HOOK } } } }")).channels.a).toBeDefined();
    expect(channel("{ webhook: { url: gopher://x/hunter2, secret: hunter2 } }")).toEqual([
      "channels.a.webhook.url: must be an http:// or https:// URL",
      expect.stringContaining("channels.a.webhook.secret: must be a reference"),
    ]);
    const own = "channels: { (verdicts): { webhook: { url: { env: HOOK } } } }";
    expect(mistakes(smallest(own))).toEqual([expect.stringContaining("a channel's name begins with no parenthesis")]);
    expect(channel("{ pigeon: {} }")).toEqual([expect.stringMatching(/^channels\.a: must be one of/)]);
  });

  it("tells all mistakes at once, of the schema and of what refers to nothing", () => {
    expect(mistakes(smallest("state: x\nowners: [{ team: a, channels: [nobody] }]\ncolour: red"))).toEqual([
      expect.stringContaining("state: "),
      "colour: no such key",
      "owners[0].channels[0]: no such channel; there are none",
    ]);
  });

  it("never repeats a secret that was written where a reference belongs", () => {
    const said = [
      mistakes(smallest("channels: { a: { slack: { webhook: https://hooks.slack.com/services/hunter2 } } }")),
      mistakes(smallest("api: { tokens: [hunter2] }")),
      mistakes('clusters: [{ name: a, prometheus: { url: "https://scout:hunter2@prometheus.example" } }]'),
      mistakes('clusters: [{ name: a, prometheus: { url: "http://a", auth: { bearer: hunter2 } } }]'),
    ].flat();
    expect(said).toHaveLength(4);
    expect(said.join()).not.toContain("hunter2");
    for (const one of said.slice(0, 2)) expect(one).toMatch(/must be a reference: \{ env: NAME \}/);
    expect(said[2]).toMatch(/without user name and password/);
  });
});
