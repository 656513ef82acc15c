/** Cells of parts that fail: each fault of each part, from the first request on, from the middle one, from the last one, and once. */
import { type Cell, healed, heardBy, lies, type Ran, type Shown, type Stage } from "./cell.ts";
import { type HttpFault, httpFaults } from "./faulty.ts";
import { type DnsFault, dnsFaults } from "./faulty-dns.ts";
import { type HttpPart, httpParts, type Outside } from "./outside.ts";
import { preloaded } from "./preloaded.ts";

/** How many requests a run makes that meets no fault, by part. */
export type Requests = Readonly<Record<HttpPart, number>>;

/** Which requests are spoilt. */
const steps = {
  "from the first": () => ({ from: 1 }),
  "the first": () => ({ from: 1, times: 1 }),
  "from the middle": (all: number) => ({ from: Math.ceil((all + 1) / 2) }),
  "from the last": (all: number) => ({ from: all }),
};
type Step = keyof typeof steps;

/** Parts that a run asks more than once; the others have a first request, and no later one. */
const asked: Partial<Record<HttpPart, readonly Step[]>> = {
  Prometheus: ["from the first", "from the middle", "from the last", "the first"],
  DynamoDB: ["from the first", "from the middle", "from the last", "the first"],
  Loki: ["from the first", "from the last", "the first"],
};

/** Any 2xx is a webhook's yes, whatever it says (docs/channels.md). */
const anyYes: readonly HttpFault[] = ["HTML", "wrong type"];

export function httpCells(requests: Requests): Cell[] {
  return httpParts.flatMap((part) =>
    httpFaults.flatMap((fault) =>
      (asked[part] ?? ["from the first", "the first"])
        .filter((step) => fault !== "slow TLS" || step === "from the first")
        .filter(() => part !== "webhook" || !anyYes.includes(fault))
        .map(
          (step): Cell => ({
            ...{ part, fault, step, store: part === "DynamoDB" ? "dynamodb" : "sqlite" },
            run: (stage) => httpCell(stage, { part, fault, spoil: steps[step](requests[part]) }),
          }),
        ),
    ),
  );
}

interface Spoilt {
  part: HttpPart;
  fault: HttpFault;
  spoil: { from: number; times?: number };
}

export async function httpCell(stage: Stage, { part, fault, spoil }: Spoilt): Promise<Shown> {
  const timeout = endless.includes(fault) ? { timeout: "2s" } : {};
  const outside = await stage.open({ ...timeout, secure: fault === "slow TLS" ? part : undefined });
  const door = outside.doors[part];
  await door.spoil({ fault, ...spoil });
  const ran = await stage.scan(outside, stage.world.times.first);
  const isMet = door.spoilt > 0 || (fault === "refuses" && metNobody(ran, door.seen, spoil.from));
  if (!isMet) stage.fault("the run never met the fault");
  for (const one of lies(ran, await heardBy(outside))) stage.fault(one);
  await door.spoil(null);
  outside.patient();
  await healed(stage, outside, [ran], part === "DynamoDB" ? { env: preloaded({ clock: afterLease }) } : {});
  return shownBy(ran);
}

/** Nobody counts who knocks where nobody is: the run says so itself, or ended with the request before, where a healthy one goes on. */
const metNobody = ({ stdout, stderr }: Ran, seen: number, from: number): boolean =>
  (from > 1 && seen === from - 1) || `${stdout}${stderr}`.includes("ECONNREFUSED");

/** What only a time-out ends. */
const endless: readonly HttpFault[] = ["hangs", "drips", "slow TLS"];

/** A lease that could not be given back ends by itself: the next run comes later than that, ms. */
export const afterLease = 150_000;

export const shownBy = ({ code }: Ran): Shown => (code === 0 ? "borne" : code === null ? "killed" : "told later");

export const dnsCells = (): Cell[] =>
  dnsFaults.map((fault) => ({ part: "DNS", fault, step: "from the first", run: (stage) => dnsCell(stage, fault) }));

/** What the DNS does costs a name at most, and never a finding or the run. */
async function dnsCell(stage: Stage, fault: DnsFault): Promise<Shown> {
  const outside: Outside = await stage.open();
  await outside.spoilDns(fault);
  const ran = await stage.scan(outside, stage.world.times.first);
  const isMet = outside.dns.spoilt > 0 || ran.stdout.includes("ECONNREFUSED");
  if (!isMet) stage.fault("the run never met the fault");
  if (ran.code !== 0) stage.fault(`exit ${ran.code}: ${ran.stderr}`);
  for (const one of lies(ran, await heardBy(outside))) stage.fault(one);
  await outside.spoilDns(null);
  await healed(stage, outside, [ran]);
  return shownBy(ran);
}
