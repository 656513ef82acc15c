/** Checks the names that workloads claim against the addresses they dial, of all that is there and not only of what is new. */
import { addressKind } from "../address.ts";
import type { Mismatch, Observation } from "../model.ts";
import type { Naming } from "./naming.ts";

/** So many pairs of a name and an address are asked for in one run. */
const mostPairs = 500;

/** An observation of one address behind a claimed name. */
export interface Claimed {
  observation: Observation;
  address: string;
}

/** May the DNS be asked whether the name answers to the address? */
export function canCheck({ observation: { destination }, address }: Claimed, { trusting }: Naming): boolean {
  return destination.host !== null && trusting(destination.host) && addressKind(address) === "outside";
}

/** Those whose name never answers to the address, which belongs elsewhere. What the DNS cannot say is none. */
export async function mismatches(claimed: readonly Claimed[], naming: Naming): Promise<Mismatch[]> {
  const asked = claimed.filter((one) => canCheck(one, naming)).slice(0, mostPairs);
  const all = await Promise.all(
    asked.map(async ({ observation, address }): Promise<Mismatch[]> => {
      const { host } = observation.destination;
      const { trust, apart, why } = await naming.agree(host ?? "", address);
      if (trust !== "contradicted" || apart === "near") return [];
      return [{ observation, address, apart, why }];
    }),
  );
  return all.flat();
}
