/** What the policies and the manifests in force say of flows that access logs tell. Pure. */
import { gathered } from "../detect/lasting.ts";
import type { Window } from "../model.ts";
import type { Judges, Seen } from "../watch.ts";
import { bypasses } from "./bypasses.ts";
import type { Joined } from "./flows.ts";
import { violation } from "./policies.ts";

/**
 * The judgements of a run with those of its logs. What was judged by metrics and is told better by a log counts once, as the log has it:
 * a bare address may be forbidden by a name that this call did not have. What goes through an egress gateway has its entry there, and how
 * ztunnel routes nobody here knows: of both no entry is said to be passed.
 */
export function judgedFlows(
  { kept, explained, fresh }: Joined,
  seen: Seen,
  { forbids, takes, concerning = () => null }: Judges,
  window: Window,
): Pick<Seen, "violations" | "bypasses" | "concerned" | "throughGateway"> {
  const isOwn = (one: { observation: { key: string } }) => !explained.has(one.observation.key);
  const violations = kept.flatMap(({ observation }) => {
    const decision = forbids(observation);
    return decision === null ? [] : [violation(observation, decision)];
  });
  const past = kept.flatMap(({ one, observation }) => {
    const said = one.flow.proxy === "sidecar" ? takes(observation) : null;
    return said === null ? [] : [{ observation, said }];
  });
  const byMetrics = gathered(seen.concerned, ({ observation }) => observation.key);
  const concerned = kept.flatMap(({ observation }) => {
    const said = concerning(observation);
    const counted = byMetrics.get(observation.key)?.observation ?? observation;
    // A log may have less of what is known than the metrics count, and never more than once.
    const more = (counted.count ?? 0) > (observation.count ?? 0) ? counted : observation;
    return said === null ? [] : [{ observation: more, said }];
  });
  const found = new Set(fresh);
  const news = new Set(kept.flatMap(({ one, observation }) => (found.has(one) ? [observation.key] : [])));
  const throughGateway = new Set(seen.throughGateway);
  const keys = new Set(seen.keys);
  for (const { one, observation } of kept) {
    if (one.flow.proxy !== "gateway") throughGateway.delete(observation.key);
    else if (!keys.has(observation.key)) throughGateway.add(observation.key);
    keys.add(observation.key);
  }
  return {
    violations: [...seen.violations.filter(isOwn), ...violations],
    bypasses: [...seen.bypasses.filter(isOwn), ...bypasses(past, (key) => news.has(key), window)],
    concerned: [...seen.concerned.filter(isOwn), ...concerned],
    throughGateway,
  };
}
