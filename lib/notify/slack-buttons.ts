/** What a person may say to findings, as Slack's buttons. Pure: who answers them is no channel's business. */
import type { Finding, Message } from "../model.ts";
import { offers } from "./manifest.ts";

interface Button {
  type: "button";
  action_id: string;
  text: { type: "plain_text"; text: string; emoji: false };
  /** The findings' ids, with a space between two. */
  value: string;
  style?: "danger";
}

export interface ActionsBlock {
  type: "actions";
  elements: Button[];
}

/** A value may have 2,000 characters (Block Kit reference), but counts in the whole message's size. */
const mostValue = 330;

/**
 * One row of buttons for findings that stand together: acknowledge, snooze, expected, deny, show manifest (where there is one). Null where
 * they are over, and where they are too many to be named in a button: ten at most. Throws nothing.
 */
export function buttons(findings: readonly Finding[], message: Message): ActionsBlock | null {
  const value = idsIn(findings);
  if (areOver(findings, message) || value.length > mostValue || !/^[\w -]+$/.test(value)) return null;
  return buttonRow(value, offers(findings, message).length);
}

/** @param value the findings' ids @param has how many manifests there are to show */
export function buttonRow(value: string, has: number): ActionsBlock {
  return {
    type: "actions",
    elements: [
      button("acknowledge", "Acknowledge", value),
      button("snooze-7d", "Snooze 7d", value),
      button("expected", "Expected", value),
      { ...button("deny", "Deny", value), style: "danger" },
      ...(has === 0 ? [] : [button("show-manifest", has === 1 ? "Show manifest" : "Show manifests", value)]),
    ],
  };
}

/** What to do instead, where there are too many findings for buttons; null where there are not. */
export function tooMany(findings: readonly Finding[], message: Message): string | null {
  if (areOver(findings, message) || idsIn(findings).length <= mostValue) return null;
  return "Too many findings for buttons: 'egress-scout report' lists them, 'egress-scout verdict set' decides about each.";
}

const idsIn = (findings: readonly Finding[]): string => findings.map(({ id }) => id).join(" ");
const areOver = (findings: readonly Finding[], { reason }: Message): boolean =>
  reason === "resolved" || findings.every(({ state }) => state === "resolved");

function button(action: string, text: string, value: string): Button {
  return { type: "button", action_id: action, text: { type: "plain_text", text, emoji: false }, value };
}

/** What counts of a row in the size of a message. */
export const buttonTexts = ({ elements }: ActionsBlock): string[] =>
  elements.flatMap(({ text, value }) => [text.text, value]);
