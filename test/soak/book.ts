/** What was told, held against the truth as it comes. */
import type { Finding, Message } from "../../lib/model.ts";
import type { Scan } from "../../lib/scout.ts";
import { placeText } from "../../lib/words/address.ts";
import { aside } from "./aside.ts";

/** What a flow is called, as the mesh calls it. */
const flowOf = ({ source, destination }: Finding): string =>
  `${source.namespace}/${source.workload} ${destination.host ?? placeText(destination)} ${destination.verdict}`;

interface Checked {
  /** Where the last run's window ended, ms. */
  end: number;
  /** Calls since the last run that came to its end, by flow. */
  calls: ReadonlyMap<string, number>;
}

export type Book = ReturnType<typeof keepBook>;

export function keepBook() {
  const faults: string[] = [];
  const [known, ids, taken, findings, snoozed] = [aside(), aside(), aside(), aside(), aside()];
  const isKnown = (name: string) => known.get(name) !== null;
  return {
    faults,
    known: () => known.count(),
    taken: () => taken.count(),
    /** Remembers that these flows were called. */
    knows(names: Iterable<string>): void {
      for (const name of names) if (!isKnown(name)) known.set(name, "");
    },
    snooze: (id: string, until: number) => snoozed.set(id, `${until}`),
    check(scan: Scan, { end, calls }: Checked): void {
      if (scan.window.from !== end) faults.push(`a window from ${scan.window.from} after one to ${end}`);
      // What a verdict kept back and is told when that ends is of another window.
      const own = scan.findings.filter(({ id }) => !scan.changed?.has(id));
      const fresh = own.filter(({ kind }) => kind === "new-destination" || kind === "new-blocked");
      const counts = new Map(fresh.map((one) => [flowOf(one), one.count]));
      const wanted = new Map([...calls].filter(([name]) => !isKnown(name)));
      for (const name of new Set([...counts.keys(), ...wanted.keys()])) {
        if (counts.get(name) === wanted.get(name)) continue;
        faults.push(`${name}: ${wanted.get(name) ?? "no"} calls, and ${counts.get(name) ?? "none"} told`);
      }
      for (const one of scan.findings) {
        // Each burst of blocked calls is an episode with an id of its own.
        const what = `${one.kind} ${flowOf(one)}${one.kind === "blocked-spike" ? ` ${one.firstSeen}` : ""}`;
        if ((ids.get(what) ?? one.id) !== one.id) faults.push(`${what} has two ids`);
        ids.set(what, one.id);
        if (one.verdict === undefined && findings.get(one.id) === null) findings.set(one.id, "owed");
      }
    },
    took(channel: string, message: Message): void {
      const id = `${channel} ${message.id}`;
      if (taken.get(id) !== null) faults.push(`${id} was told twice`);
      taken.set(id, "");
      for (const { id: finding } of message.findings) {
        findings.set(finding, "told");
        const until = Number(snoozed.get(finding) ?? 0);
        if (message.reason === "repeat" && message.at < until) faults.push(`${finding} was told while snoozed`);
      }
    },
    checkTold(): void {
      const untold = findings.count("owed");
      if (untold > 0) faults.push(`${untold} findings were never told`);
    },
    close(): void {
      for (const one of [known, ids, taken, findings, snoozed]) one.close();
    },
  };
}
