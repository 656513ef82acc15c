import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../../lib/detect/spike/decode.ts";
import { checksum, encode } from "../../../lib/detect/spike/encode.ts";
import { observe } from "../../../lib/detect/spike/observe.ts";
import type { SpikeParameters } from "../../../lib/detect/spike/parameters.ts";
import { newState, type SpikeState } from "../../../lib/detect/spike/state.ts";
import { ScoutError } from "../../../lib/errors.ts";

const parameters: SpikeParameters = { threshold: 9, minExcess: 4.5, minRatio: 1.5 };

function fed(buckets: number, count: (bucket: number) => number | null): SpikeState {
  const state = newState();
  for (let bucket = 0; bucket < buckets; bucket += 1) observe(state, bucket, count(bucket), parameters);
  return state;
}

/** Some hash, the same everywhere. */
const noise = (bucket: number) => (Math.imul(bucket + 1, 2654435761) >>> 8) % 997;

/** The state, or the code of the error. Anything else thrown fails the test. */
function attempt(bytes: Uint8Array): SpikeState | string {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof ScoutError) return error.code;
    throw error;
  }
}

/** The same bytes with a checksum that matches. */
function resealed(bytes: Uint8Array): Uint8Array {
  const out = Uint8Array.from(bytes);
  new DataView(out.buffer).setUint32(1, checksum(out), true);
  return out;
}

describe("detect/spike/encode", () => {
  it("writes a quiet key in 0.2 KB, a rare one in 1.2 KB at most and a busy one in about 2 KB", () => {
    const sizes = {
      none: encode(newState()).length,
      quiet: encode(fed(4032, () => 0)).length,
      rare: encode(fed(4032, (bucket) => (noise(bucket) < 10 ? 1 + (noise(bucket + 7) % 9) : 0))).length,
      busy: encode(fed(4032, (bucket) => noise(bucket) % 40)).length,
      gaps: encode(fed(8064, (bucket) => (bucket % 500 < 40 ? null : noise(bucket) % 40))).length,
    };
    expect(sizes.none).toBeLessThan(60);
    expect(sizes.quiet).toBeLessThan(200);
    expect(sizes.rare).toBeLessThan(1200);
    expect(sizes.busy).toBeLessThan(2300);
    expect(sizes.gaps).toBeLessThan(2500);
    expect(sizes.busy).toBeGreaterThan(1500);
  });

  it("goes on as if nothing had happened, to the last bit", () => {
    const count = fc.oneof(
      { weight: 6, arbitrary: fc.constant(0) },
      { weight: 3, arbitrary: fc.nat(6) },
      { weight: 1, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.integer({ min: 10, max: 400 }) },
      { weight: 1, arbitrary: fc.nat(2 ** 40) },
    );
    const run = fc.record({
      counts: fc.array(count, { maxLength: 400 }),
      start: fc.nat(8000),
      lead: fc.nat(600),
      cut: fc.nat(399),
    });
    fc.assert(
      fc.property(run, ({ counts, start, lead, cut }) => {
        const whole = newState();
        for (let bucket = start; bucket < start + lead; bucket += 1)
          observe(whole, bucket, bucket % 50 === 0 ? 3 : 0, parameters);
        let stored = decode(encode(whole));
        for (const [i, one] of counts.entries()) {
          const bucket = start + lead + i;
          // Written and read at one place, and from there on at every bucket, as runs do.
          if (i >= cut) stored = decode(encode(stored));
          expect(observe(stored, bucket, one, parameters)).toEqual(observe(whole, bucket, one, parameters));
        }
        expect(encode(stored)).toEqual(encode(whole));
      }),
      { numRuns: 60, seed: 11 },
    );
  });

  it("reads back bytes that lie in the middle of others", () => {
    const bytes = encode(fed(600, (bucket) => noise(bucket) % 5));
    const among = new Uint8Array(bytes.length + 20);
    among.set(bytes, 7);
    expect(encode(decode(among.subarray(7, 7 + bytes.length)))).toEqual(bytes);
  });

  it("says so where a byte was changed, bytes are missing or too many", () => {
    const bytes = encode(fed(2000, (bucket) => noise(bucket) % 9));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ change : byte));
        expect(attempt(changed)).toBe("store/corrupt");
        expect(attempt(bytes.slice(0, at))).toBe("store/corrupt");
        expect(attempt(Uint8Array.from([...bytes, change]))).toBe("store/corrupt");
      }),
      { numRuns: 300, seed: 5 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (junk) => {
        expect(attempt(junk)).toBe("store/corrupt");
      }),
      { numRuns: 300, seed: 6 },
    );
  });

  it("refuses or survives bytes that say nonsense under a valid checksum", () => {
    const bytes = encode(fed(2000, (bucket) => (bucket > 1990 ? 60 : noise(bucket) % 9)));
    const change = fc.array(fc.tuple(fc.integer({ min: 5, max: bytes.length - 1 }), fc.nat(255)), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(change, fc.nat(bytes.length), (changes, cut) => {
        const forged = Uint8Array.from(bytes);
        for (const [at, byte] of changes) forged[at] = byte;
        for (const one of [resealed(forged), resealed(forged.slice(0, Math.max(5, cut)))]) {
          const state = attempt(one);
          if (typeof state === "string") {
            expect(state).toBe("store/corrupt");
            continue;
          }
          for (const count of [0, 3, 500]) {
            const judgement = observe(state, state.last + 1, count, parameters);
            if (judgement.status === "judged") expect(Number.isFinite(judgement.evidence)).toBe(true);
          }
        }
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  it("tells a later format from a broken one", () => {
    const bytes = encode(newState());
    bytes[0] = 2;
    expect(attempt(bytes)).toBe("store/corrupt");
    expect(attempt(resealed(bytes))).toBe("store/too-new");
  });
});
