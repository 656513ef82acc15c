/** Whose an address is, by the providers' own lists and a table of autonomous systems. They are loaded when first asked, if ever. */
import { cdn, isCdn, type Networks } from "./networks.ts";
import { loadAsns, loadRanges } from "./ranges/load.ts";
import { networkNames } from "./ranges/names.ts";

export interface ListSources {
  /** Files, folders and URLs of the providers' lists, and of tables of autonomous systems. */
  ranges: readonly string[];
  asns: readonly string[];
  /** The folder that keeps what was fetched. */
  cache: string;
  /** ms */
  now: number;
}

/** Never throws: a list that cannot be had is a warning, and names are fewer. */
export function listNetworks({ ranges, asns, cache, now }: ListSources): Networks {
  const warnings: string[] = [];
  let loading: Promise<Parameters<typeof networkNames>[1]> | null = null;
  async function load() {
    const [byRange, byAsn] = [
      await loadRanges({ sources: ranges, cache, now }),
      await loadAsns({ sources: asns, cache, now }),
    ];
    warnings.push(...byRange.warnings, ...byAsn.warnings);
    return { ranges: byRange.index, asns: byAsn.index, now };
  }
  const lists = () => {
    loading ??= load();
    return loading;
  };
  return {
    names: async (address) => networkNames(address, await lists()),
    async marks(address) {
      const { ranges: byRange, asns: byAsn } = await lists();
      const [range, asn] = [byRange?.find(address) ?? null, byAsn?.find(address) ?? null];
      return new Set([
        ...(range === null ? [] : [range.provider]),
        ...(asn === null ? [] : [`AS${asn.asn}`]),
        ...(isCdn(`${range?.provider} ${range?.service} ${asn?.organization}`) ? [cdn] : []),
      ]);
    },
    warnings: () => warnings,
  };
}
