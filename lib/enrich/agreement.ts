/** Does a name answer to an address? What DNS says, asked as often as a pool of addresses needs, and how far apart the two are. */
import { addressKind, parseAddress } from "../words/address.ts";
import { apart } from "./networks.ts";
import { answerLimits, type Lookup, type Resolver } from "./resolver.ts";

/** Asks the DNS, and knows what it said in the last week. */
export interface Asking {
  forward: Resolver["forward"];
  /** The same asked anew for the `time`th time, from 1 on; whoever asks for the same time shares its answer. */
  again(host: string, family: 4 | 6, time: number): Promise<Lookup>;
  /** Every address that the name answered with in the last week, and when it did last, ms. */
  seen(host: string, family: 4 | 6): ReadonlyMap<string, number>;
  /** Whose network the address is in, as words that two of one network share. */
  marks(address: string): Promise<ReadonlySet<string>>;
}

export interface Agreement {
  trust: "confirmed" | "claimed" | "contradicted";
  /** The end of a sentence that begins with who says the name. */
  why: string;
  /** Where it is contradicted: how far the name's addresses are from this one, as far as anybody knows. */
  apart: "near" | "unknown" | "far";
  /** Why the DNS could not be asked; null where it answered. */
  failure: string | null;
}

const moreAsks = 2;

/**
 * Whether the canonical host name answers to the canonical outside address. A neighbour in the same network is not enough to confirm:
 * in a cloud it is another customer. But it is enough not to contradict, as is a pool whose answers change from one question to the
 * next: CDNs, round robin and geographic answers show everybody other addresses. An outage says nothing.
 */
export async function agreement(host: string, address: string, asking: Asking): Promise<Agreement> {
  const family = address.includes(":") ? 6 : 4;
  const first = await asking.forward(host, family);
  if (first.status === "failed") return unknown(address, first.why);
  const answers = [addressesOf(first)];
  if (answers[0]?.length === 0) return open("; it does not resolve, so nothing confirms it");
  const early = judged(addressesOf(first), address);
  const before = asking.seen(host, family);
  if (before.has(address)) {
    const lately = `it resolved to ${address} in the last week`;
    if (early === null) return confirmed(`, and ${lately}`);
    return early.trust === "contradicted" ? open(`; ${lately}, but now to a place that is not outside`) : early;
  }
  if (early !== null) return early;
  let failure = "";
  for (let time = 1; time <= moreAsks; time += 1) {
    const again = await asking.again(host, family, time);
    if (again.status === "failed") {
      failure = again.why;
      continue;
    }
    const more = addressesOf(again);
    const late = judged(more, address);
    if (late !== null && late.trust !== "contradicted") return late;
    answers.push(more);
  }
  // One answer alone does not tell a pool from a name with a place of its own.
  if (answers.length === 1) return unknown(address, failure);
  const all = [...new Set([...answers.flat(), ...before.keys()])].sort();
  if (answers.some((one) => one.length < all.length)) {
    return open(
      `; its addresses change from one question to the next, and ${address} was not among ${all.length} of them`,
    );
  }
  return await stranger(address, all, asking);
}

/** What one answer alone decides; null where it does not. */
function judged(values: readonly string[], address: string): Agreement | null {
  const back = values.includes(address);
  const inner = values.find((value) => addressKind(value) !== "outside");
  if (inner !== undefined && addressKind(inner) === "istio-vip") {
    return open("; Istio's DNS proxy answered for it, which confirms nothing");
  }
  if (inner !== undefined) {
    const rebinding = `${inner}, which is not outside: DNS rebinding confirms nothing`;
    if (back) return open(` and it resolves to ${address}, but also to ${rebinding}`);
    return { trust: "contradicted", why: `, but it resolves to ${rebinding}`, apart: "unknown", failure: null };
  }
  if (back) return confirmed(`, and it resolves to ${address}`);
  if (values.length < answerLimits.addresses) return null;
  return open(`; it resolves to so many addresses that whether ${address} is one is not known`);
}

/** It never answers: is it at least of the same network? Two of the name's addresses stand for all. */
async function stranger(address: string, all: readonly string[], { marks }: Asking): Promise<Agreement> {
  const own = await marks(address);
  const others = await Promise.all(all.slice(0, 2).map(marks));
  const distances = others.map((other) => apart(own, other));
  if (distances.includes("near")) {
    const shared = others.flatMap((other) => [...other]).find((mark) => own.has(mark));
    return open(`; it resolves to ${someOf(all)}, not to ${address}, but both are of ${shared}`);
  }
  const far = distances.every((one) => one === "far") ? "far" : "unknown";
  return { trust: "contradicted", why: `, but it resolves to ${someOf(all)}`, apart: far, failure: null };
}

const confirmed = (why: string): Agreement => ({ trust: "confirmed", why, apart: "near", failure: null });
const open = (why: string): Agreement => ({ trust: "claimed", why, apart: "near", failure: null });

const unknown = (address: string, failure: string): Agreement => ({
  ...open(`; whether it resolves to ${address} is not known: ${failure}`),
  failure,
});

function addressesOf(answer: Exclude<Lookup, { status: "failed" }>): string[] {
  const values = answer.status === "found" ? answer.values.map(parseAddress) : [];
  return [...new Set(values.filter((value) => value !== null))];
}

function someOf(values: readonly string[]): string {
  const rest = values.length - 2;
  return `${values.slice(0, 2).join(" and ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
