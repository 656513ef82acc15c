/** What is remembered of a cluster. Pure. */
import type { Destination, Sighting, Source } from "../model.ts";
import { sources } from "./sources.ts";

/**
 * Sightings by key; none is taken out. What every run asks of all of them is noted as they come: to look at a hundred thousand objects
 * once more takes 50 ms, since each look waits for the machine's memory.
 */
export class Memory extends Map<string, Sighting> {
  readonly #sourceOf = sources();
  readonly #bySource = new Map<Source, string[]>();
  readonly #nameless: string[] = [];
  /** In step: keys, and a hash of where each called. */
  readonly #keys: string[] = [];
  readonly #hashes: number[] = [];

  constructor(sightings: Iterable<Sighting> = []) {
    super();
    for (const one of sightings) this.set(one.key, one);
  }

  override set(key: string, sighting: Sighting): this {
    const before = this.get(key);
    super.set(key, sighting);
    const { destination, namedAt } = sighting;
    if (before === undefined) {
      this.#keysOf(sighting.source).push(key);
      if (namedAt === null && destination.host === null) this.#nameless.push(key);
    }
    const place = placeOf(destination);
    if (place !== null && (before === undefined || placeOf(before.destination) !== place)) {
      this.#keys.push(key);
      this.#hashes.push(hash(place));
    }
    return this;
  }

  /** How many destinations of a source are remembered. */
  countOf(source: Source): number {
    return this.#keysOf(source).length;
  }

  /** What neither has a host nor was looked up. */
  nameless(): Sighting[] {
    return this.#those(this.#nameless).filter(({ namedAt }) => namedAt === null);
  }

  /**
   * The sightings of some sources, and those that call one of some places: hosts, or addresses of what has no host. Costs a look at each
   * source and no more than a number for each sighting.
   */
  about(isCaller: (source: Source) => boolean, places: ReadonlySet<string> = new Set()): Sighting[] {
    const own = [...this.#bySource].flatMap(([source, keys]) => (isCaller(source) ? keys : []));
    const hashes = new Set([...places].map(hash));
    const called = hashes.size === 0 ? [] : this.#keys.filter((_, row) => hashes.has(this.#hashes[row] ?? 0));
    const others = this.#those(new Set(called)).filter(
      ({ source, destination }) => !isCaller(source) && places.has(placeOf(destination) ?? ""),
    );
    return [...this.#those(own), ...others];
  }

  /** Most come with one object for one source, which is found at once. */
  #keysOf(source: Source): string[] {
    const own = this.#bySource.get(source);
    if (own !== undefined) return own;
    const same = this.#sourceOf(source);
    const keys = this.#bySource.get(same) ?? [];
    this.#bySource.set(same, keys);
    return keys;
  }

  #those(keys: Iterable<string>): Sighting[] {
    return [...keys].flatMap((key) => this.get(key) ?? []);
  }
}

const placeOf = ({ host, address }: Destination): string | null => host ?? address;

/** Of 32 bits; those that have the same one are told apart later. */
function hash(text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index++) sum = (Math.imul(sum, 31) + text.charCodeAt(index)) | 0;
  return sum;
}
