/** Addresses and CIDRs, the most specific one first. */
import ipaddr from "ipaddr.js";
import { maskedAddress } from "../in-force/fields.ts";

/** A value for each address or masked CIDR; all of them canonical. */
export interface RangeIndex<T> {
  at(range: string): T | undefined;
  set(range: string, value: T): void;
  /** Values of the ranges an address is in, the longest prefix first; an address that is none is in none. */
  covering(address: string): T[];
  nearest(address: string): T | undefined;
  readonly isEmpty: boolean;
}

const isAddress = (text: string): boolean => ipaddr.isValid(text);

export function rangeIndex<T>(): RangeIndex<T> {
  const values = new Map<string, T>();
  /** Prefix lengths in use, longest first, by family. */
  const lengths: Record<"ipv4" | "ipv6", number[]> = { ipv4: [], ipv6: [] };

  function* matches(address: string): Generator<T> {
    const whole = values.get(address);
    if (whole !== undefined) yield whole;
    if (lengths.ipv4.length + lengths.ipv6.length === 0 || !isAddress(address)) return;
    for (const length of lengths[ipaddr.parse(address).kind()]) {
      const found = values.get(`${maskedAddress(address, length)}/${length}`);
      if (found !== undefined) yield found;
    }
  }

  return {
    at: (range) => values.get(range),
    set(range, value) {
      values.set(range, value);
      const [base = "", bits] = range.split("/");
      if (bits === undefined || !isAddress(base)) return;
      const used = lengths[ipaddr.parse(base).kind()];
      const length = Number(bits);
      if (!used.includes(length)) used.splice(used.findLastIndex((one) => one > length) + 1, 0, length);
    },
    covering: (address) => [...matches(address)],
    nearest: (address) => matches(address).next().value ?? undefined,
    get isEmpty() {
      return values.size === 0;
    },
  };
}
