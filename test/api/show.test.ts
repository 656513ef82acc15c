import { describe, expect, it } from "vitest";
import { ScoutError } from "../../lib/errors.ts";
import type { Finding } from "../../lib/model.ts";
import { receiptsIn } from "../../lib/notify/receipts.ts";
import { slackReplies } from "../../lib/notify/slack-reply.ts";
import { slackToken } from "../../lib/notify/slack-token.ts";
import { finding, message, yamlOf } from "../notify/sample.ts";
import { slackApi, slackBotToken, slackChannel } from "../receivers/slack-api.ts";
import { made, now, remembered } from "./make.ts";

const withYaml = (id: string, yaml: string, more: Partial<Finding> = {}): Finding => {
  const [suggestion] = finding().suggestions;
  if (suggestion === undefined) throw new Error("the sample has no suggestion");
  return finding({ id, suggestions: [{ ...suggestion, yaml }], ...more });
};
const unescaped = (text: string) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const shown = async (findings: Finding[], ids = findings.map(({ id }) => id)) => {
  const { press } = made(await remembered("memory:", findings));
  const { blocks } = await press({ action: "show-manifest", value: ids.join(" ") });
  const text = unescaped(blocks.map((block) => block.text.text).join("\n"));
  return { blocks, text, size: blocks.reduce((sum, block) => sum + block.text.text.length, 0) };
};

describe("show manifest", () => {
  it("each manifest once, whole, with the findings it is for", async () => {
    const [one, two] = [yamlOf("a.example.com"), yamlOf("b.example.com")];
    const { text, blocks } = await shown([withYaml("f-1", one), withYaml("f-2", two), withYaml("f-3", one)]);
    expect(blocks).toHaveLength(2);
    expect(text).toContain(`*Finding* \`f-1\`, \`f-3\`\n\`\`\`\n${one}\`\`\``);
    expect(text).toContain(`*Finding* \`f-2\`\n\`\`\`\n${two}\`\`\``);
  });

  it("one that is too long is not cut: the reply says where it is", async () => {
    const long = yamlOf("long.example.com", 80);
    const { text } = await shown([withYaml("f-1", long)]);
    expect(text).toBe("f-1: the manifest is too long to show here: the scan's output (--format json) has it whole.");
    const both = await shown([withYaml("f-1", long), withYaml("f-2", yamlOf("b.example.com"))]);
    expect(both.text).toContain("f-1: the manifest is too long");
    expect(both.text).toContain("b.example.com");
  });

  it("ten of them that fit each but not together: some whole, the others named, under Slack's limits", async () => {
    const all = [...Array(10).keys()].map((index) => withYaml(`f-${index}`, yamlOf(`h${index}.example.com`, 40)));
    const { text, blocks, size } = await shown(all);
    expect(size).toBeLessThan(10_000);
    const whole = all.filter(({ suggestions: [one] }) => text.includes(one?.yaml ?? "-"));
    expect(whole.length).toBeGreaterThan(1);
    expect(blocks).toHaveLength(whole.length + 1);
    for (const { id } of all.slice(whole.length))
      expect(text).toContain(`${id}: the manifest is too long to show here`);
  });

  it("YAML that could break out of its fence, or holds what nobody sees, is not shown", async () => {
    const { text } = await shown([withYaml("f-1", 'a: "```"\n'), withYaml("f-2", "a: \u202Eb\n")]);
    expect(text.split("\n")).toHaveLength(2);
    expect(text).not.toContain("```");
  });

  it("what is over, what has none and what is not known: why", async () => {
    const none = finding({ id: "f-2", suggestions: [], noSuggestion: "its name <is> not known" });
    const { text } = await shown(
      [withYaml("f-1", yamlOf("a.example.com"), { state: "resolved" }), none],
      ["f-1", "f-2", "f-9"],
    );
    expect(text.split("\n")).toEqual([
      "f-1: it is over, and nothing is left to apply.",
      "f-2: no manifest: its name \\u003cis\\u003e not known",
      expect.stringMatching(/^f-9: its manifest is not remembered: 'egress-scout plan' makes it anew/),
    ]);
  });

  it("of a message by token: what it says by now, and where its file is", async () => {
    const slack = await slackApi();
    const store = await remembered("memory:", []);
    const receipts = receiptsIn(store, "prod-eu", now)("slack");
    const settings = { name: "slack", token: slackBotToken, place: slackChannel.name, apiUrl: slack.apiUrl };
    const all = [withYaml("f-1", yamlOf("a.example.com")), withYaml("f-2", yamlOf("long.example.com", 80))];
    await slackToken({ ...settings, wait: async () => {} }).send(message(all), receipts);
    expect([slack.messages.length, slack.files.length]).toEqual([1, 1]);
    await slack.close();
    const { press } = made(store);
    const { blocks } = await press({ action: "show-manifest", value: "f-1 f-2" });
    expect(unescaped(blocks[0]?.text.text ?? "")).toContain(yamlOf("a.example.com"));
    expect(blocks[1]?.text.text).toContain(
      "f-2: the manifest is too long to show here: see the message, or the file in its thread",
    );
  });
});

describe("a response_url", () => {
  const { takes, send } = slackReplies("https://slack.com/api/");
  it.each([
    ["https://hooks.slack.com/actions/T0/1/x", true],
    ["https://hooks.slack.com:443/actions/T0/1/x", true],
    ["https://HOOKS.slack.com/commands/1", true],
    ["http://hooks.slack.com/actions/T0/1/x", false],
    ["https://hooks.slack.com:8443/x", false],
    ["https://hooks.slack.com.evil.example/x", false],
    ["https://hooks.slack.com@evil.example/x", false],
    ["https://evil.example/https://hooks.slack.com/", false],
    ["https://evil.example#hooks.slack.com/", false],
    ["https://hooks.slack.com\\@evil.example/", true],
    ["https://xhooks.slack.com/x", false],
    ["http://169.254.169.254/latest/meta-data/", false],
    ["http://[::1]/", false],
    ["file:///etc/passwd", false],
    ["", false],
  ])("%s: Slack's, %s", async (url, isSlack) => {
    expect(takes(url)).toBe(isSlack);
    // WHATWG reads a backslash as a slash: the host is Slack's, and fetch reads it the same way.
    if (url.includes("\\")) expect(new URL(url).host).toBe("hooks.slack.com");
    if (!isSlack) await expect(send(url, "{}", 1)).rejects.toBeInstanceOf(ScoutError);
  });
});

describe("a response_url of GovSlack's", () => {
  const ofGov = slackReplies("https://slack-gov.com/api/");
  it.each([
    ["https://hooks.slack-gov.com/actions/T0/1/x", true],
    ["http://hooks.slack-gov.com/actions/T0/1/x", false],
    ["https://hooks.slack-gov.com.evil.example/x", false],
    ["https://hooks.slack.com/actions/T0/1/x", false],
  ])("%s: its, %s", (url, isSlack) => expect(ofGov.takes(url)).toBe(isSlack));

  it("is nobody's where the Web API is Slack's usual one", () => {
    for (const apiUrl of ["https://slack.com/api/", "https://slack-gov.com.evil.example/api/"])
      expect(slackReplies(apiUrl).takes("https://hooks.slack-gov.com/actions/T0/1/x")).toBe(false);
  });
});

describe("a press on what was told", () => {
  it("is kept without reading all that was ever seen", async () => {
    const store = await remembered("memory:", [finding(), finding({ id: "f-2" })]);
    const recall = async () => {
      throw new ScoutError("store/busy", "all sightings were read");
    };
    const { press } = made(store, { store: async () => ({ ...store, recall }) });
    const { text } = await press({ action: "expected", value: `${finding().id} f-2` });
    expect(text.split("\n")).toHaveLength(2);
    expect([...(await store.verdicts()).keys()]).toEqual([finding().id, "f-2"]);
  });

  it("is refused where nobody was told of it, without reading all that was ever seen either: Slack does not wait for that", async () => {
    const store = await remembered("memory:");
    const recall = async () => {
      throw new ScoutError("store/busy", "all sightings were read");
    };
    const { press } = made(store, { store: async () => ({ ...store, recall }) });
    const { text } = await press({ action: "deny", value: `${finding().id} f-9` });
    expect(text).toMatch(/denied, without end.*\n`f-9: nobody was told of such a finding/);
    expect(text).toContain("'egress-scout verdict set'");
    expect([...(await store.verdicts()).keys()]).toEqual([finding().id]);
  });
});

describe("a store that fails", () => {
  it("the one who pressed reads that nothing is certain, and no path of this machine", async () => {
    const store = async () => {
      throw new ScoutError("store/busy", "/var/lib/secret-place.db is busy");
    };
    const { press, logged } = made(await remembered("memory:"), { store });
    const answer = await press({ action: "deny", value: finding().id });
    expect(answer).toMatchObject({ status: 503, code: "store/busy", detail: "store/busy: the log says more" });
    expect(JSON.stringify(answer)).not.toContain("secret-place");
    expect(logged.join("\n")).toContain("secret-place");
  });
});
