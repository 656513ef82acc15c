/** Can the channels be told? Only with `send` is anybody told anything. */
import { asScoutError, ConfigError } from "../errors.ts";
import type { Message } from "../model.ts";
import { fail, listed, ok, type Said, skip, some, warn } from "./check.ts";
import type { ChannelPart, DoctorOrder, Patient } from "./patient.ts";

export async function checkChannels(
  { channels, routed, clusters }: Patient,
  { send, now }: DoctorOrder,
): Promise<Said> {
  if (channels.length === 0) {
    return skip(
      "no channels are configured",
      "Findings are printed, and nobody is told.",
      "add channels, and owners or routes that name them (docs/channels.md)",
    );
  }
  const message = send ? testMessage(clusters[0]?.name ?? "", now()) : null;
  const tried = await Promise.all(channels.map((channel) => attempt(channel, message)));
  const faults = tried.flatMap((one) => (one.fault === null ? [] : [one.fault]));
  const names = channels.map(({ name, kind }) => `${name} (${kind})`);
  if (faults.length > 0) {
    const mends = [...new Set(tried.flatMap(({ mend }) => (mend === "" ? [] : [mend])))];
    return fail(
      `${faults.length} of ${some(channels.length, "channel")} cannot be told: ${faults.join("; ")}`,
      send
        ? "Messages to them wait in the store for the next run."
        : "No run begins while a channel's settings are wrong.",
      mends.join("; ") || "check the channel's settings and secrets",
    );
  }
  const idle = channels.filter(({ name }) => !routed.has(name)).map(({ name }) => name);
  const done = send
    ? `told ${listed(names)}: a test message has arrived`
    : `${listed(names)}: set up; nobody was asked`;
  if (idle.length > 0) {
    return warn(
      `${done}; nobody sends to ${listed(idle)}`,
      "No owner, team or route names it: it is never told.",
      "name it in owners, teams or routes, or take it out",
    );
  }
  return ok(
    done,
    send ? "Every channel said yes." : "Settings and secrets are there. With --send each gets a test message.",
  );
}

async function attempt(channel: ChannelPart, message: Message | null): Promise<{ fault: string | null; mend: string }> {
  try {
    const open = await channel.open();
    if (message !== null) await open.send(message);
    return { fault: null, mend: "" };
  } catch (thrown) {
    const error = asScoutError(thrown);
    if (error instanceof ConfigError) return { fault: error.mistakes.join("; "), mend: "set what is missing" };
    const named = error.message.includes(channel.name) ? "" : `${channel.name}: `;
    return { fault: `${named}${error.message}`, mend: error.mend };
  }
}

/** Without findings: whoever stores or counts those must not get one that never was. */
function testMessage(cluster: string, at: number): Message {
  return { id: `test-${at}`, cluster, team: "a test by egress-scout doctor", reason: "first", at, findings: [] };
}
