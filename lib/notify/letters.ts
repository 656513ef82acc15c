/** Findings and why they are told → letters, and which of the letters may go now. Pure. */
import type { Finding, Letter, Reason } from "../model.ts";
import { breaksQuiet, isQuiet, type QuietHours } from "./calendar.ts";
import { address, compose, type Occasion, type Route } from "./compose.ts";
import { letterTo } from "./deliver.ts";

/** A finding, why it is told, and what tells this telling from others for the same reason. */
export interface Said {
  finding: Finding;
  reason: Reason;
  occasion: number;
}

interface Times {
  /** Quiet hours by team. */
  quiet: Readonly<Record<string, QuietHours>>;
  /** The run's end, ms. */
  now: number;
}

export interface LetterSettings extends Times {
  cluster: string;
  routes: readonly Route[];
}

/**
 * Letters for all that is said: for each reason a message for each owner, to the owner's channels and those of routes. What may be told in
 * its owner's quiet hours gets a message of its own there, so that it need not wait for the rest.
 */
export function write(said: readonly Said[], settings: LetterSettings): Letter[] {
  const { cluster, routes, now } = settings;
  const reasons: readonly Reason[] = ["first", "changed", "repeat", "resolved", "digest"];
  return reasons.flatMap((reason) => {
    const own = said.filter((one) => one.reason === reason);
    const nth = new Map(own.map((one) => [one.finding.id, one.occasion]));
    const occasion: Occasion = ({ id, firstSeen }) => [firstSeen, nth.get(id) ?? 0];
    const findings = own.map((one) => one.finding);
    const later = findings.filter((one) => waits(one, settings));
    return [findings.filter((one) => !later.includes(one)), later].flatMap((some) => {
      const messages = compose(some, cluster, now, reason, occasion);
      return address(messages, routes, occasion).map((one) => letterTo(one.channel, one.message));
    });
  });
}

/** The owner's quiet hours, where it has some and it is quiet now. */
function quietNow({ owner: { team } }: Finding, { quiet, now }: Times): QuietHours | null {
  // A team may be called `constructor`.
  const hours = Object.hasOwn(quiet, team) ? quiet[team] : undefined;
  return hours !== undefined && isQuiet(hours, now) ? hours : null;
}

function waits(finding: Finding, times: Times): boolean {
  const hours = quietNow(finding, times);
  return hours !== null && !breaksQuiet(finding, hours);
}

/**
 * The letters that may go now, in their order; the others wait for the end of their owner's quiet hours. Quiet hours are of the owner's own
 * channels: what a route adds is for somebody else. A letter that waits goes with a later one about the same finding: nobody is to read
 * the end of a story before its beginning.
 */
export function awake(letters: readonly Letter[], times: Times): Letter[] {
  const going = new Set<string>();
  const out: Letter[] = [];
  for (const letter of [...letters].reverse()) {
    const about = letter.message.findings.map((one) => JSON.stringify([letter.channel, one.id]));
    if (sleeps(letter, times) && !about.some((one) => going.has(one))) continue;
    for (const one of about) going.add(one);
    out.push(letter);
  }
  return out.reverse();
}

function sleeps({ channel, message: { findings } }: Letter, times: Times): boolean {
  const isOwn = findings.some((one) => one.owner.channels.includes(channel) && waits(one, times));
  return isOwn && findings.every((one) => waits(one, times));
}
