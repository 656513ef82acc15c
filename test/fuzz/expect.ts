/** What has to hold of everything that is printed, whatever came in. */
import { expect } from "vitest";
import { parseAllDocuments } from "yaml";
import type { SlackPost } from "../../lib/notify/slack-blocks.ts";
import { admit, errors } from "../admission/admit.ts";
import { objects } from "../suggest/make.ts";
import type { Printed } from "./print.ts";

/** Controls, invisible and unassigned characters, halves of pairs. */
const unseen = /[^\P{C}\n]/u;

export function expectHarmless({ findings, slack, texts, yaml }: Printed): void {
  expectPlain({ slack, texts });
  const suggestions = findings.flatMap((one) => one.suggestions);
  for (const suggestion of suggestions) {
    expect(suggestion.yaml).toMatch(/^[\x20-\x7e\n]+$/);
    expect(documents(suggestion.yaml)).toEqual([suggestion.manifest]);
    for (const one of objects(suggestion.manifest)) {
      if (one.kind === "ServiceEntry") expect(errors(admit(one))).toEqual([]);
    }
    for (const line of [...suggestion.why, ...suggestion.warnings]) {
      expect(line).toMatch(/^[\x20-\x7e]+$/);
      expect(line).not.toMatch(/[<>&`]/);
    }
  }
  const first = findings.flatMap((one) => one.suggestions.slice(0, 1));
  const distinct = [...new Map(first.map((one) => [one.yaml, one.manifest])).values()];
  expect(documents(yaml)).toEqual(distinct);
}

/** A message that is text and our own marks, and nothing else. */
export function expectPlain({ slack, texts }: Pick<Printed, "slack" | "texts">): void {
  for (const { text, isMrkdwn } of slackTexts(slack)) {
    expect(text).not.toMatch(unseen);
    expect(text).not.toContain("<!");
    if (isMrkdwn) expectNoMarkup(text);
  }
  // A terminal and a plain mail have ASCII, and lines that are ours.
  for (const text of texts) expect(text).toMatch(/^[\x20-\x7e\n]*$/);
}

/** As both versions of YAML read it: kubectl reads 1.1, most others 1.2. */
function documents(yaml: string): unknown[] {
  const [older, newer] = (["1.1", "1.2"] as const).map((version) => {
    const all = parseAllDocuments(yaml, { version });
    if (!Array.isArray(all)) return [];
    for (const one of all) expect([one.errors, one.warnings]).toEqual([[], []]);
    return all.map((one): unknown => one.toJS());
  });
  expect(older).toEqual(newer);
  return older ?? [];
}

function slackTexts({ text, blocks }: SlackPost): { text: string; isMrkdwn: boolean }[] {
  const parts = blocks.flatMap((block) => {
    if (block.type === "actions") return block.elements.map((one) => one.text);
    if (block.type === "context") return block.elements;
    return block.type === "header" ? [block.text] : [block.text, ...(block.fields ?? [])];
  });
  return [{ text, isMrkdwn: true }, ...parts.map((one) => ({ text: one.text, isMrkdwn: one.type === "mrkdwn" }))];
}

/** Slack's three escapes and nothing of what they are for; and no code span that is not closed by us. */
function expectNoMarkup(text: string): void {
  expect(text.replaceAll(/&(?:amp|lt|gt);/g, "")).not.toMatch(/[&<>]/);
  const fences = text.split("```").length - 1;
  expect([0, 2]).toContain(fences);
  for (const line of text.replace(/```[\s\S]*```/, "").split("\n")) expect((line.split("`").length - 1) % 2).toBe(0);
}
