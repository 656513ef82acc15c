/** What every channel does, whatever it speaks: one suite, run on each adapter with a receiver that misbehaves. */
import { inspect } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isRetryable, ScoutError } from "../../lib/errors.ts";
import type { Channel } from "../../lib/notify/channel.ts";
import { finding, hostile, hostileValues, many, message, yamlOf } from "../notify/sample.ts";
import type { Behaviour, Receiver } from "../receivers/receiver.ts";

/** An adapter under test, and the other side. */
export interface Party {
  channel: Channel;
  receiver: Receiver;
  /** What no error may hold. */
  secrets: string[];
  /** The manifests a body shows. */
  manifests(body: string): string[];
  /** The text a body shows. */
  text(body: string): string;
  /** How many requests one send makes at most. */
  tries: number;
  /** What it shows of the finding; default what people read. */
  words?: string[];
  /** Answers that are a yes here. */
  yes?: Behaviour[];
  /** Cuts no manifest, however long. */
  saysAll?: boolean;
  /** How many bodies tell so many findings, null for any number; default one. */
  posts?: (count: number) => number | null;
}

/** `timeout`: milliseconds for one try, so that a test of a hanging receiver is quick. */
export type MakeParty = (options: { timeout?: number }) => Promise<Party>;

export function channelContract(name: string, make: MakeParty): void {
  describe(`${name}: the channel contract`, () => {
    let party: Party;
    beforeEach(async () => {
      party = await make({});
    });
    afterEach(() => party.receiver.close());

    it("keeps the name of the config", () => {
      expect(party.channel.name).toBe("the-channel");
    });

    it("brings a message to the other side, once", async () => {
      await party.channel.send(message([finding()]));
      expect(party.receiver.faults).toEqual([]);
      expect(party.receiver.taken).toHaveLength(1);
      expect(party.receiver.got).toHaveLength(1);
      const text = party.text(party.receiver.taken[0]!);
      for (const word of ["api.stripe.com", "payments/checkout", "443", "confirmed"]) expect(text).toContain(word);
      for (const word of party.words ?? ["12 connections", "2026-11-22 10:04 UTC"]) expect(text).toContain(word);
      expect(party.manifests(party.receiver.taken[0]!)).toEqual([yamlOf("api.stripe.com")]);
    });

    it("says the same of the same message, with its id", async () => {
      await party.channel.send(message([finding()]));
      await party.channel.send(message([finding()]));
      expect(party.receiver.taken[0]).toBe(party.receiver.taken[1]);
      expect(party.text(party.receiver.taken[0]!)).toContain("msg-0011223344556677");
    });

    refusals(() => party, make);
    sizes(() => party);
    strangers(() => party);
  });
}

/** Sends one message to a receiver that behaves so every time, and gives back the error. */
async function fails(party: Party, how: Behaviour): Promise<ScoutError> {
  party.receiver.behave(...Array.from({ length: party.tries }, () => how));
  const thrown: unknown = await party.channel.send(message([finding()])).then(
    () => null,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ScoutError);
  expect(party.receiver.taken).toEqual([]);
  expect(party.receiver.got.length).toBeLessThanOrEqual(party.tries);
  noSecretIn(thrown as ScoutError, party.secrets);
  return thrown as ScoutError;
}

/** Not in the message, the stack, the causes, nor in any field, hidden or not. */
function noSecretIn(error: ScoutError, secrets: string[]): void {
  const everything = [
    inspect(error, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    JSON.stringify(error),
    JSON.stringify(error, Object.getOwnPropertyNames(error)),
    String(error.stack),
    error.message,
    error.mend,
  ].join("\n");
  for (const secret of secrets) {
    expect(everything).not.toContain(secret);
    expect(everything).not.toContain(encodeURIComponent(secret));
  }
}

function refusals(party: () => Party, make: MakeParty): void {
  const cases: [Behaviour, string][] = [
    ["refuse", "channel/refused"],
    ["html", "channel/refused"],
    ["not-ok", "channel/refused"],
    ["redirect", "channel/refused"],
    ["rate-limited", "channel/rate-limited"],
    ["server-error", "channel/unavailable"],
    [{ status: 503, body: "" }, "channel/unavailable"],
    ["half", "channel/unavailable"],
    ["reset", "channel/unavailable"],
  ];
  it.each(cases)("answered by %j, throws %s and no secret", async (how, code) => {
    if (party().yes?.includes(how)) {
      party().receiver.behave(how);
      return await party().channel.send(message([finding()]));
    }
    const error = await fails(party(), how);
    expect(error.code).toBe(code);
    expect(isRetryable(error)).toBe(code !== "channel/refused");
    expect(error.message).toContain("channel the-channel: ");
    expect(error.mend).not.toBe("");
    expect(error.cause).toBeUndefined();
  });

  it.each(["hang", "drip"] as const)("cuts an answer that %ss", async (how) => {
    const quick = await make({ timeout: 150 });
    try {
      expect((await fails(quick, how)).code).toBe("channel/unavailable");
    } finally {
      await quick.receiver.close();
    }
  });

  it("throws channel/unavailable where nobody listens", async () => {
    await party().receiver.close();
    const error = await fails(party(), "ok");
    expect(error.code).toBe("channel/unavailable");
    expect(error.message).toContain("ECONNREFUSED");
  });

  it("works again after a failure", async () => {
    await fails(party(), "refuse");
    party().receiver.behave();
    await party().channel.send(message([finding()]));
    expect(party().receiver.taken).toHaveLength(1);
  });
}

function sizes(party: () => Party): void {
  it.each([0, 1, 2, 12, 500, 3000])("sends %i findings as one valid message, manifests whole", async (count) => {
    const findings = many(count);
    await party().channel.send(message(findings));
    expect(party().receiver.faults).toEqual([]);
    const { taken } = party().receiver;
    const { posts = () => 1 } = party();
    expect(taken).toHaveLength(posts(count) ?? taken.length);
    const shown = taken.flatMap((body) => party().manifests(body));
    expect(shown.length).toBeGreaterThanOrEqual(Math.min(count, 3));
    expect(shown).toEqual(findings.slice(0, shown.length).map((one) => one.suggestions[0]!.yaml));
    const text = taken.map((body) => party().text(body)).join("\n");
    if (party().saysAll === true) expect(shown).toHaveLength(count);
    const left = Number(/(\d+) more findings? (?:is|are) not shown/.exec(text)?.[1] ?? 0);
    const named = findings.filter((one) => text.includes(one.id)).length;
    expect(named + left).toBe(count);
  });

  it("says where a manifest is that is too long, and shows none of it", async () => {
    const long = finding({
      id: "f-long",
      suggestions: [{ ...finding().suggestions[0]!, yaml: yamlOf("long.example.com", 9000) }],
    });
    await party().channel.send(message([long, finding()]));
    expect(party().receiver.faults).toEqual([]);
    const body = party().receiver.taken[0]!;
    if (party().saysAll === true) {
      return expect(party().manifests(body)).toEqual([yamlOf("long.example.com", 9000), yamlOf("api.stripe.com")]);
    }
    expect(party().manifests(body)).toEqual([yamlOf("api.stripe.com")]);
    expect(party().text(body)).toContain("the full manifest is in the scan's output (--format json), finding f-long");
    expect(party().text(body)).not.toContain('long.example.com"');
  });

  it("never cuts a manifest, however long each one is", async () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 80 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(lengths, async (lines) => {
        const [suggestion] = finding().suggestions;
        const findings = lines.map((count, index) =>
          finding({
            id: `f-${index}`,
            suggestions: [{ ...suggestion!, yaml: yamlOf(`h${index}.example.com`, count) }],
          }),
        );
        await party().channel.send(message(findings));
        const whole = findings.map((one) => one.suggestions[0]!.yaml);
        for (const yaml of party().manifests(party().receiver.taken.at(-1)!)) expect(whole).toContain(yaml);
      }),
      { numRuns: 40 },
    );
    expect(party().receiver.faults).toEqual([]);
  });
}

function strangers(party: () => Party): void {
  it.each(hostileValues)("takes the hostile %j for text", async (value) => {
    const own = hostile(value, 0);
    await party().channel.send(message([own, hostile(value, 1), hostile(value, 3)], { team: value, cluster: value }));
    expect(party().receiver.faults).toEqual([]);
    expect(party().receiver.taken).toHaveLength(1);
  });

  it("takes all hostile values at once for text", async () => {
    await party().channel.send(message(hostileValues.map(hostile), { reason: "changed" }));
    expect(party().receiver.faults).toEqual([]);
    expect(party().receiver.taken).toHaveLength(1);
  });

  it("takes any text for text", async () => {
    const nasty = fc.oneof(
      fc.string({ unit: "binary", maxLength: 400 }),
      fc.string({
        unit: fc.constantFrom("`", "*", "<", "&", "!", "@", "\n", "\r", "\u202e", "a", ".", "\u0000", " "),
        maxLength: 60,
      }),
    );
    await fc.assert(
      fc.asyncProperty(nasty, nasty, async (one, other) => {
        await party().channel.send(message([hostile(one, 0), hostile(other, 1)], { team: one, cluster: other }));
      }),
      { numRuns: 150 },
    );
    expect(party().receiver.faults).toEqual([]);
  });

  it("shows no manifest that breaks out of its frame or cannot be seen whole", async () => {
    for (const bad of ["# ```\n# @channel <!here>\n", "# \u001b[2J\n", "# \u202e\n", "# \u0000\n"]) {
      const [suggestion] = finding().suggestions;
      await party().channel.send(
        message([finding({ suggestions: [{ ...suggestion!, yaml: bad + yamlOf("a.example.com") }] })]),
      );
      expect(party().receiver.faults).toEqual([]);
      for (const yaml of party().manifests(party().receiver.taken.at(-1)!))
        expect(yaml).toBe(bad + yamlOf("a.example.com"));
    }
  });
}
