/** Which of two entries Istio takes first, as far as the manifests say. Pure. */
import { byAge, isAgeKnown, type Service } from "./service.ts";
import { exportedTo } from "./visibility.ts";

/**
 * Is it known that `a` comes before `b`? Entries for chosen namespaces come before those for all, whatever their age
 * (model/push_context.go servicesExportedToNamespace), but for the exact hosts of a Sidecar in Istio 1.32, which go by age alone.
 */
export function isOrderSure(a: Service, b: Service, exact: boolean): boolean {
  if (a.entry === b.entry) return true;
  const isApart = (exportedTo(a.entry) === "all") !== (exportedTo(b.entry) === "all");
  return (isApart || isAgeKnown(a, b)) && (!exact || byAge(a, b) <= 0);
}
