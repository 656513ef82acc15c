/** Checks the names that workloads claim against the addresses they dial, of all that is there and not only of what is new. */

import type { Claimed, Mismatch } from "../model.ts";
import { addressKind } from "../words/address.ts";
import type { Naming } from "./naming.ts";
import type { Failure } from "./ptr-names.ts";

/** So many pairs of a name and an address are asked for in one run. */
const mostPairs = 500;

/** May the DNS be asked whether the name answers to the address? */
export function canCheck({ observation: { destination }, address }: Claimed, { trusting }: Naming): boolean {
  return destination.host !== null && trusting(destination.host) && addressKind(address) === "outside";
}

/** What the DNS said of the claims. */
export interface Checked {
  mismatches: Mismatch[];
  /** Those that nobody could be asked about; `failures` says why. */
  unchecked: Claimed[];
  failures: Failure[];
}

/** Those whose name never answers to the address, which belongs elsewhere. What the DNS cannot say is none. */
export async function mismatches(claimed: readonly Claimed[], naming: Naming): Promise<Checked> {
  const checked: Checked = { mismatches: [], unchecked: [], failures: [] };
  const asked = claimed.filter((one) => canCheck(one, naming)).slice(0, mostPairs);
  const all = await Promise.all(
    asked.map(async (one) => ({
      ...one,
      said: await naming.agree(one.observation.destination.host ?? "", one.address),
    })),
  );
  for (const { observation, address, said } of all) {
    const { trust, apart, why, failure } = said;
    if (failure !== null) {
      checked.unchecked.push({ observation, address });
      checked.failures.push({ asked: `the address of ${observation.destination.host}`, why: failure });
    } else if (trust === "contradicted" && apart !== "near") {
      checked.mismatches.push({ observation, address, apart, why });
    }
  }
  return checked;
}
