/**
 * A simulated mesh: pods whose sidecars count as Istio's do, driven by whoever holds them, and the truth of what left.
 * Nothing runs by itself and no time passes but the settings' clock: two runs alike give the same text.
 */
import { type Counters, createCounters, renderText } from "./counters.ts";
import { ambientTcp } from "./labels-noise.ts";
import { type Neighbour, type Noise, noise, peerOf, type ThroughGateway, throughGateway } from "./noise.ts";
import { type Egress, type Envoy, egress } from "./sidecar.ts";
import type { Telling } from "./telling.ts";
import { type Call, type Flow, flowsOf } from "./truth.ts";

export interface MeshSettings extends Telling {
  /** The time of the next call, in milliseconds since the Unix epoch. */
  clock(): number;
}

export interface PodSpec {
  namespace: string;
  workload: string;
  /** The pod's name; by default the workload's with a suffix of its own. */
  name?: string;
  /** `source_cluster`, default "Kubernetes". */
  cluster?: string;
  /** The pod's app and version labels; empty where it lacks them. Default: the workload's name, and "v1". */
  app?: string;
  version?: string;
}

/** What Prometheus scrapes. */
export interface Target {
  id: number;
  /** The scrape job's labels for it, `instance` without a port. `pod` is empty for Mixer. */
  ip: string;
  namespace: string;
  pod: string;
  counters: Counters;
  alive: boolean;
}

export interface Pod extends Egress, Noise, ThroughGateway {
  readonly name: string;
  readonly target: Target;
  /** The proxy starts anew: its counters are gone, the pod keeps its name and address. */
  restart(): void;
  /** The pod is deleted: never scraped again, and it cannot call. */
  stop(): void;
}

export interface Mesh {
  readonly settings: MeshSettings;
  pod(spec: PodSpec): Pod;
  /** A connection of an ambient workload to somewhere unknown, told by the node's ztunnel: nothing in it says where to. */
  ambient(from: Neighbour, times?: number): void;
  /** Every target there is now; Mixer alone where it tells for all. */
  targets(): readonly Target[];
  /** One target's metrics in Prometheus' text format; null where it is gone. */
  render(id: number): string | null;
  /** Every flow of the calls in (since, until]; see Flow. Noise is in none. */
  truth(since: number, until: number): Flow[];
}

/** An empty mesh. */
export function createMesh(settings: MeshSettings): Mesh {
  const targets: Target[] = [];
  const calls: Call[] = [];
  const newTarget = (ip: string, namespace: string, pod: string): Target => {
    const target = { id: targets.length, ip, namespace, pod, counters: createCounters(), alive: true };
    targets.push(target);
    return target;
  };
  const mixer = settings.mixer ? newTarget("100.96.2.183", "istio-system", "") : null;
  let ztunnel: Target | null = null;
  return {
    settings,
    pod(spec) {
      const n = targets.length;
      const ip = `10.244.${n >> 8}.${n & 255}`;
      const target = newTarget(ip, spec.namespace, spec.name ?? `${spec.workload}-7dc8cb9d9b-${n}`);
      return newPod(spec, target, mixer, settings, calls);
    },
    ambient(from, times = 1) {
      ztunnel ??= newTarget("10.244.255.1", "istio-system", "ztunnel-7x2kq");
      ztunnel.counters.add("istio_tcp_connections_opened_total", ambientTcp(peerOf(from)), times);
      ztunnel.counters.add("istio_tcp_connections_closed_total", ambientTcp(peerOf(from)), times);
    },
    targets: () => (mixer === null ? targets.filter((target) => target.alive) : [mixer]),
    render: (id) => (targets[id]?.alive ? renderText(targets[id].counters) : null),
    truth: (since, until) => flowsOf(calls, since, until),
  };
}

function newPod(spec: PodSpec, target: Target, mixer: Target | null, settings: MeshSettings, calls: Call[]): Pod {
  const { namespace, workload, cluster = "Kubernetes", app = workload, version = "v1" } = spec;
  const canonical = { canonicalService: app || workload, canonicalRevision: version || "latest" };
  const envoy: Envoy = {
    peer: { namespace, workload, cluster, app, version, principal: "unknown", ...canonical },
    telling: settings,
    counters() {
      if (!target.alive) throw new Error(`pod ${target.pod} is gone`);
      return (mixer ?? target).counters;
    },
    log: (call) => calls.push({ ...call, at: settings.clock(), source: { cluster, namespace, workload } }),
  };
  return {
    name: target.pod,
    target,
    ...egress(envoy),
    ...noise(envoy),
    ...throughGateway(envoy),
    restart() {
      target.counters = createCounters();
    },
    stop() {
      target.alive = false;
    },
  };
}
