/** One decision: the policies for a caller, and one name. Pure. */
import { printable } from "../words/printable.ts";
import type { Policy } from "./from.ts";
import type { List } from "./list.ts";
import type { Spoken } from "./spoken.ts";

/** What the policies say of one caller and one name. */
export interface Decision {
  allowed: boolean;
  /** The policy that decided; null where none did. */
  policy: string | null;
  /** `deny en.wikipedia.org`, `allow *.wikipedia.org`; the whole allow list where nothing on it matched. */
  rule: string | null;
  /** Whose rule that is. */
  list: "allow" | "deny" | null;
  /** A sentence. */
  why: string;
}

/** A policy with its lists made ready. */
export interface Compiled {
  policy: Policy;
  allow: List | null;
  deny: List;
}

export const nameless: Decision = {
  allowed: true,
  policy: null,
  rule: null,
  list: null,
  why: "It has no name, and policies compare names: nothing is decided.",
};

/** So many patterns of an allow list are told. */
const mostTold = 5;

/** By the policies that are for the caller, in the order of the config. */
export function decision(policies: readonly Compiled[], { name, isPlain }: Spoken): Decision {
  const called = isPlain ? name : printable(name);
  for (const { policy, deny } of policies) {
    const pattern = deny(name);
    if (pattern !== null) return told(false, policy, ["deny", pattern], `denies ${called}`);
  }
  const listing = policies.filter((one) => one.allow !== null);
  for (const { policy, allow } of isPlain ? listing : []) {
    const pattern = allow?.(name) ?? null;
    if (pattern !== null) return told(true, policy, ["allow", pattern], `allows ${called}`);
  }
  const [first, ...others] = listing.map(({ policy }) => policy);
  if (first !== undefined) {
    const { allow = [] } = first;
    const more = allow.length > mostTold ? ` and ${allow.length - mostTold} more` : "";
    const rule = allow.length === 0 ? "nothing" : `${allow.slice(0, mostTold).join(", ").toLowerCase()}${more}`;
    const also =
      others.length === 0 ? "" : `, nor ${others.length === 1 ? "does another" : `do ${others.length} others`}`;
    return told(false, first, ["allow", rule], `does not allow ${called}${also}`);
  }
  const why = policies.length === 0 ? "No policy is for this caller." : `No policy denies ${called} to this caller.`;
  return { allowed: true, policy: null, rule: null, list: null, why };
}

function told(
  allowed: boolean,
  { name }: Policy,
  [list, text]: readonly ["allow" | "deny", string],
  does: string,
): Decision {
  const rule = `${list} ${text}`;
  return {
    allowed,
    policy: name,
    rule,
    list,
    why: `The policy ${printable(name).slice(1, -1)} ${does}: its rule is "${rule}".`,
  };
}
