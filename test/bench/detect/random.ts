/** Random numbers from a seed: the same on every machine, for ever. */

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number from 0 to `below` − 1. */
  whole(below: number): number;
  normal(): number;
  poisson(mean: number): number;
  /** 1, 2, 3 … with the given mean. */
  geometric(mean: number): number;
  /** Negative binomial whose variance is `spread` times its mean. */
  overdispersed(mean: number, spread: number): number;
}

/** From any numbers, a generator of its own: xoshiro128** (Blackman & Vigna 2018), its state filled by splitmix32's mixing. */
export function randomOf(...seeds: number[]): Random {
  const state = new Uint32Array(4);
  let mixed = 0x9e3779b9;
  for (const seed of [...seeds, 0, 1, 2, 3]) {
    mixed = scramble((mixed + Math.imul(seed + 1, 0x9e3779b9)) >>> 0);
    state.copyWithin(0, 1);
    state[3] = mixed;
  }
  const next = () => step(state) / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const poisson = (mean: number) => {
    let count = 0;
    // Knuth's product of uniforms, in parts so that e^-mean does not vanish.
    for (let rest = mean; rest > 0; rest -= 30) {
      const end = Math.exp(-Math.min(rest, 30));
      for (let product = next(); product > end; product *= next()) count += 1;
    }
    return count;
  };
  return {
    next,
    whole: (below) => Math.floor(next() * below),
    normal,
    poisson,
    geometric: (mean) => 1 + Math.floor(Math.log(1 - next()) / Math.log(1 - 1 / mean)),
    overdispersed: (mean, spread) => poisson(gamma(mean / (spread - 1), next, normal) * (spread - 1)),
  };
}

function scramble(value: number): number {
  let out = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  out = Math.imul(out ^ (out >>> 13), 0xc2b2ae35);
  return (out ^ (out >>> 16)) >>> 0;
}

function step(state: Uint32Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = state;
  const rotate = (value: number, by: number) => ((value << by) | (value >>> (32 - by))) >>> 0;
  const out = Math.imul(rotate(Math.imul(b, 5) >>> 0, 7), 9) >>> 0;
  const fourth = d ^ b;
  const third = c ^ a;
  state[0] = a ^ fourth;
  state[1] = b ^ third;
  state[2] = third ^ (b << 9);
  state[3] = rotate(fourth >>> 0, 11);
  return out;
}

/** Gamma with the given shape and scale 1 (Marsaglia & Tsang 2000; a shape below one by the usual power of a uniform). */
function gamma(shape: number, next: () => number, normal: () => number): number {
  if (shape <= 0) return 0;
  if (shape < 1) return gamma(shape + 1, next, normal) * (1 - next()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
