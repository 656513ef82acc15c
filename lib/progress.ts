/** How far a run is, as its parts are asked: for a person who waits. No I/O of its own. */
import type { Resolver } from "./enrich/resolver.ts";
import type { Channel } from "./notify/channel.ts";
import type { Telemetry } from "./poll/telemetry.ts";
import type { Store } from "./remember/store.ts";

interface Asked {
  telemetry: Telemetry;
  resolver: Resolver;
  store: Store;
  channels: ReadonlyMap<string, Channel>;
}

/**
 * The same parts; each time one is asked or has answered, `tell` gets what the run is at.
 * How many questions there will be nobody knows: what is told is how many were asked so far.
 */
export function progressing<P extends Asked>(parts: P, tell: (text: string) => void): P {
  const { telemetry, resolver, store, channels } = parts;
  const queries = counting((done, asked) => tell(`asking Prometheus: ${done} of ${asked} questions answered`));
  const names = counting((done, asked) => tell(`naming: ${done} of ${asked} look-ups answered`));
  return {
    ...parts,
    telemetry: {
      ...telemetry,
      vector: queries(telemetry.vector),
      samples: queries(telemetry.samples),
      range: queries(telemetry.range),
    },
    resolver: {
      ...resolver,
      reverse: names(resolver.reverse),
      forward: names(resolver.forward),
      again: names(resolver.again),
    },
    store: {
      ...store,
      remember: async (...change: Parameters<Store["remember"]>) => {
        tell("remembering");
        await store.remember(...change);
      },
    },
    channels: new Map([...channels].map(([name, channel]) => [name, telling(channel, tell)])),
  };
}

function telling(channel: Channel, tell: (text: string) => void): Channel {
  const send: Channel["send"] = async (...message) => {
    tell(`telling ${channel.name}`);
    await channel.send(...message);
  };
  return { ...channel, send };
}

function counting(told: (done: number, asked: number) => void) {
  let asked = 0;
  let done = 0;
  return <A extends unknown[], R>(ask: (...question: A) => Promise<R>) =>
    async (...question: A): Promise<R> => {
      asked += 1;
      told(done, asked);
      try {
        return await ask(...question);
      } finally {
        done += 1;
        told(done, asked);
      }
    };
}
