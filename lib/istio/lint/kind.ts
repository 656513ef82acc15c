/** Is an object a ServiceEntry of Istio's? Pure. */
import { group, versions } from "../api.ts";
import { isFields } from "../fields.ts";

/** `misnamed` is one that was meant as a ServiceEntry and that no API server knows; `nothing` an empty document. */
export function kindOf(object: unknown): "entry" | "misnamed" | "other" | "nothing" {
  if (object === null || object === undefined) return "nothing";
  if (!isFields(object)) return "other";
  const { apiVersion, kind } = object;
  if (typeof kind !== "string" || !/^serviceentr(?:y|ies)$/i.test(kind)) return "other";
  const [written, version] =
    typeof apiVersion === "string" && apiVersion.includes("/") ? apiVersion.split("/") : [group, ""];
  // Another group may have a kind of the same name.
  if (written?.toLowerCase() !== group) return "other";
  return kind === "ServiceEntry" && written === group && versions.includes(version ?? "") ? "entry" : "misnamed";
}
