/** A Telemetry over samples in an array: just the shapes of PromQL that lib/poll asks. The real thing is tested in test/command. */

import type { Labels, Samples, Series } from "../../lib/model.ts";
import type { Telemetry } from "../../lib/poll/telemetry.ts";
import { parseDuration } from "../../lib/words/duration.ts";

/** One stored series; a sample that comes late is added late. */
export interface Stored {
  metric: string;
  labels: Labels;
  values: [time: number, value: number][];
}

/** One question: its text, the time it is for and how far its first range reaches back, ms. */
export interface Question {
  promql: string;
  at: number;
  range: number;
}

export interface FakeTelemetry extends Telemetry {
  stored: Stored[];
  questions: Question[];
  /** What `asked()` passes on. */
  warnings: string[];
  /** Called with every question before it is answered; what it throws, the question throws. */
  refuse: (question: Question) => void;
}

export function fakeTelemetry(...stored: Stored[]): FakeTelemetry {
  const fake: FakeTelemetry = {
    stored,
    questions: [],
    warnings: [],
    refuse: () => {},
    vector: async (promql, at) => evaluate(fake.stored, promql, ask(promql, at)),
    async samples(promql, at) {
      const { at: to, range } = ask(promql, at);
      const [, metric = "", matchers = ""] = shapes.samples.exec(promql) ?? [];
      return chosen(fake.stored, metric, matchers).flatMap(({ labels, values }): Samples[] => {
        const within = values.filter(([time]) => time > to - range && time <= to);
        return within.length === 0 ? [] : [{ labels, values: within }];
      });
    },
    async range(promql, from, to, step) {
      const question = ask(promql, to);
      const all = new Map<string, { labels: Labels; values: [number, number][] }>();
      for (let at = from; at <= to; at += step) {
        for (const { labels, value } of evaluate(fake.stored, promql, { ...question, at })) {
          const one = all.get(JSON.stringify(labels)) ?? { labels, values: [] };
          one.values.push([at, value]);
          all.set(JSON.stringify(labels), one);
        }
      }
      return [...all.values()];
    },
    asked: () => ({ queries: fake.questions.length, warnings: fake.warnings }),
  };
  function ask(promql: string, at: number): Question {
    const question = { promql, at, range: milliseconds(/\[(\w+)\]/.exec(promql)?.[1] ?? "") };
    fake.questions.push(question);
    fake.refuse(question);
    return question;
  }
  return fake;
}

const selector = String.raw`(\w*)\{(.*?)\}\[(?:\w+)\]`;
const shapes = {
  samples: new RegExp(`^${selector}$`, "s"),
  last: new RegExp(String.raw`^last_over_time\(${selector}(?: offset (\w+))?\)$`, "s"),
  alive: new RegExp(String.raw`^(?:sum|group) by \((.*?)\) \(last_over_time\(${selector}\)\)$`, "s"),
  growth: new RegExp(
    String.raw`^sum by \((.*?)\).*?last_over_time\(${selector}\) - .*?\[(\w+)\] offset .*\) >= 0 or `,
    "s",
  ),
  group: new RegExp(String.raw`^group by \((.*?)\) \(last_over_time\(${selector}\)\)$`, "s"),
  born: new RegExp(
    String.raw`^group by \((.*?)\) \(last_over_time\(${selector}\)\) unless group by .*?\[(\w+)\] offset `,
    "s",
  ),
  reset: new RegExp(String.raw`^group by \((.*?)\) \(resets\(${selector}\) > 0\)$`, "s"),
  interval: /^max\(count_over_time\(up\[1h\]\)\)$/,
  present: /^count\(present_over_time\(up\[\w+\]\)\)$/,
};

function evaluate(stored: readonly Stored[], promql: string, { at, range }: Question): Series[] {
  const last = ({ values }: Stored, from: number, to: number) => {
    const [first, end] = spanOf(values);
    if (end <= from || first > to) return null;
    // Most of the time of weeks that are simulated is spent here: no callbacks.
    for (let index = values.length - 1; index >= 0; index--) {
      const one = values[index];
      if (one !== undefined && one[0] > from && one[0] <= to) return one[1];
    }
    return null;
  };
  const found = (metric = "", matchers = "", before = 0) =>
    chosen(stored, metric, matchers).flatMap((one): Series[] => {
      const now = last(one, at - range, at);
      const then = last(one, at - range - before, at - range) ?? 0;
      return now === null ? [] : [{ labels: one.labels, value: now >= then ? now - then : now }];
    });
  const growth = shapes.growth.exec(promql);
  if (growth !== null) {
    const [by = "", before] = [growth[1], milliseconds(growth[4] ?? "")];
    const grown = summed(found(growth[2], growth[3], before), by);
    return grown;
  }
  const born = shapes.born.exec(promql);
  if (born !== null) {
    const [, by = "", metric = "", matchers = "", before = ""] = born;
    const there = (from: number, to: number) => {
      const rows = chosen(stored, metric, matchers).filter((one) => last(one, from, to) !== null);
      return summed(
        rows.map(({ labels }) => ({ labels, value: 1 })),
        by,
      );
    };
    const old = new Set(there(at - range - milliseconds(before), at - range).map(nameOf));
    return there(at - range, at).filter((one) => !old.has(nameOf(one)));
  }
  const group = shapes.group.exec(promql);
  if (group !== null) return summed(found(group[2], group[3]), group[1] ?? "").map((one) => ({ ...one, value: 1 }));
  const alive = shapes.alive.exec(promql);
  if (alive !== null) return summed(found(alive[2], alive[3]), alive[1] ?? "");
  const reset = shapes.reset.exec(promql);
  if (reset !== null) {
    const inside = ({ values }: Stored) => values.filter(([time]) => time > at - range && time <= at);
    const fell = chosen(stored, reset[2] ?? "", reset[3] ?? "").filter((one) =>
      inside(one).some(([, value], index, all) => index > 0 && value < (all[index - 1]?.[1] ?? 0)),
    );
    const rows = fell.map(({ labels }) => ({ labels, value: 1 }));
    return summed(rows, reset[1] ?? "").map((one) => ({ ...one, value: 1 }));
  }
  const each = shapes.last.exec(promql);
  if (each !== null) {
    const end = at - (each[3] === undefined ? 0 : milliseconds(each[3]));
    return chosen(stored, each[1] ?? "", each[2] ?? "").flatMap((one): Series[] => {
      const value = last(one, end - range, end);
      return value === null ? [] : [{ labels: one.labels, value }];
    });
  }
  if (shapes.interval.test(promql)) {
    const counts = stored.map(({ values }) => values.filter(([time]) => time > at - range && time <= at).length);
    return counts.length === 0 ? [] : [{ labels: {}, value: Math.max(...counts) }];
  }
  if (!shapes.present.test(promql)) throw new Error(`no PromQL that is asked here: ${promql}`);
  // Whatever was scraped left an `up` beside it.
  const scraped = stored.filter((one) => last(one, at - range, at) !== null).length;
  return scraped === 0 ? [] : [{ labels: {}, value: scraped }];
}

type Values = Stored["values"];
const spans = new WeakMap<Values, { length: number; span: [first: number, end: number] }>();

/** The earliest and the latest time: windows of days ask for many times that nothing is stored of. */
function spanOf(values: Values): [first: number, end: number] {
  const known = spans.get(values);
  if (known?.length === values.length) return known.span;
  const times = values.map(([time]) => time);
  const span = times.reduce<[number, number]>(
    ([first, end], time) => [Math.min(first, time), Math.max(end, time)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  spans.set(values, { length: values.length, span });
  return span;
}

const nameOf = ({ labels }: Series) => JSON.stringify(Object.entries(labels).sort());

function milliseconds(text: string): number {
  const parsed = parseDuration(text);
  if (parsed === null || parsed === 0) throw new Error(`Prometheus takes no range of ${text}`);
  return parsed;
}

function chosen(stored: readonly Stored[], metric: string, matchers: string): Stored[] {
  const parts = [...matchers.matchAll(/(\w+)(=~|!~|!=|=)"((?:[^"\\]|\\.)*)"/gs)];
  const tests = parts.map(([, label = "", how = "", raw = ""]) => {
    // PromQL's escapes are Go's: beyond the first plane, JSON has others.
    const known = raw.replace(/\\(?:U([\da-fA-F]{8})|.)/gs, (text, code?: string) =>
      code === undefined ? text : String.fromCodePoint(Number.parseInt(code, 16)),
    );
    const text: string = JSON.parse(`"${known}"`);
    const pattern = how.includes("~") ? new RegExp(`^(?:${text})$`, "su") : null;
    const matches = (value: string) => (pattern === null ? value === text : pattern.test(value));
    const held = (one: Stored) => (label === "__name__" ? one.metric : (one.labels[label] ?? ""));
    return (one: Stored) => matches(held(one)) !== how.startsWith("!");
  });
  return stored.filter((one) => (metric === "" || one.metric === metric) && tests.every((test) => test(one)));
}

function summed(rows: readonly Series[], by: string): Series[] {
  const sums = new Map<string, Series>();
  for (const { labels, value } of rows) {
    const kept = Object.fromEntries(by.split(",").flatMap((name) => (labels[name] ? [[name, labels[name]]] : [])));
    const key = JSON.stringify(kept);
    sums.set(key, { labels: kept, value: (sums.get(key)?.value ?? 0) + value });
  }
  return [...sums.values()];
}
