/** What Istio's API has, alike in all its versions (istio/api kubernetes/customresourcedefinitions.gen.yaml). */

/** The group of ServiceEntry and Sidecar, and its versions. */
export const group = "networking.istio.io";
export const versions: readonly string[] = ["v1", "v1beta1", "v1alpha3"];

/** Of a ServiceEntry. */
export const resolutions = ["NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"] as const;
export type Resolution = (typeof resolutions)[number];
