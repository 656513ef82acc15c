/** Ten workloads whose pods do what chance tells them, while a witness mirrors their counters. */
import * as fc from "fast-check";
import type { Mesh, Pod } from "../mesh/mesh.ts";
import { minute, spelled, type Who } from "./exact.ts";
import type { Witness } from "./exact-witness.ts";

export const length = 70 * minute;
const workloads = 10;
const kinds = ["http", "refused", "grpc", "dynamic", "tls", "tcp", "open", "dropped"] as const;
type Kind = (typeof kinds)[number];

/** What happens at some time after the begin, or at the next scrape after that. */
export const step = fc.record({
  at: fc.noBias(fc.integer({ min: 1, max: length })),
  onScrape: fc.boolean(),
  workload: fc.noBias(fc.nat(workloads - 1)),
  pod: fc.nat(99),
  does: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...kinds) },
    { weight: 5, arbitrary: fc.constantFrom("restart", "stop", "birth", "brief", "close", "rollout") },
  ),
  place: fc.noBias(fc.nat(24)),
  times: fc.integer({ min: 1, max: 9 }),
});
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

export interface Town {
  does(step: Step): void;
  /** The workload's youngest pod is gone. */
  stopsYoungest(workload: number): void;
}

export function createTown(mesh: Mesh, witness: Witness): Town {
  const pods = Array.from({ length: workloads }, (): Pod[] => []);
  const open: { close(): void }[] = [];
  const birth = (workload: number) => {
    const pod = mesh.pod({ namespace: `n${workload % 3}`, workload: `w${workload}` });
    pods[workload]?.push(pod);
    return pod;
  };
  const stop = (workload: number, pod: Pod) => {
    pods[workload] = pods[workload]?.filter((one) => one !== pod) ?? [];
    pod.stop();
    witness.forgets(pod);
  };
  const rollout = (workload: number, old: readonly Pod[]) => {
    for (const pod of old) {
      stop(workload, pod);
      birth(workload);
    }
  };
  const restart = (pod: Pod) => {
    pod.restart();
    witness.forgets(pod);
  };
  const close = (chosen: number) => {
    for (const connection of open.splice(chosen % (open.length + 1), 1)) connection.close();
  };
  const does = (step: Step) => {
    const { workload, does } = step;
    const alive = pods[workload] ?? [];
    const pod = alive[step.pod % alive.length] ?? birth(workload);
    if (does === "restart") restart(pod);
    else if (does === "stop") stop(workload, pod);
    else if (does === "birth") birth(workload);
    else if (does === "close") close(step.pod);
    else if (does === "rollout") rollout(workload, [...alive]);
    else if (does === "brief") call(witness, birth(workload), step, "tcp", open);
    else call(witness, pod, step, does, open);
  };
  for (const workload of pods.keys()) for (let n = 0; n < 2; n++) birth(workload);
  return {
    does,
    stopsYoungest(workload) {
      const last = pods[workload]?.at(-1);
      if (last !== undefined) stop(workload, last);
    },
  };
}

/** Calls, and has the witness count what was called; what stays open goes into `open`. */
function call(witness: Witness, pod: Pod, { workload, place, times }: Step, kind: Kind, open: { close(): void }[]) {
  const [host, address, port] = [`h${place}.example.com`, `203.0.113.${place}`, 1000 + (place % 3)];
  const to = `${address}:${port}`;
  const code = times % 2 === 0 ? 200 : 503;
  const source = { namespace: `n${workload % 3}`, workload: `w${workload}` };
  const count = (verdict: Who["verdict"], protocol: Who["protocol"], named: boolean, variant = "") => {
    const flow = spelled({ source, verdict, protocol, host: named ? host : null, address, port });
    witness.counts(pod, flow, variant, times);
  };
  switch (kind) {
    case "http":
    case "grpc":
      pod.http({ host, to, times, code, grpc: kind === "grpc" });
      return count("allowed", kind, true, `${code}`);
    case "refused":
      pod.http({ host, to, times, blocked: true });
      return count("blocked", "http", true);
    case "dynamic":
      // Its address label is empty: the port is the Host's.
      pod.dynamicHttp({ host: `${host}:${port}`, to, times });
      return count("allowed", "http", true, "dynamic");
    case "tls":
      pod.tls({ sni: host, to, times });
      return count("allowed", "tls", true);
    case "dropped":
      pod.tcp({ to, times, blocked: true });
      return count("blocked", "tcp", false);
    default: {
      const connection = pod.tcp({ to, times, open: kind === "open" });
      if (kind === "open") open.push(connection);
      return count("allowed", "tcp", false);
    }
  }
}
