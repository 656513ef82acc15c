/** A pod's name → its workload's. Pure. */

/** What Kubernetes makes of random numbers: no vowels, so that no words come out (apimachinery, util/rand). */
const random = "[bcdfghjklmnpqrstvwxz2456789]";
/** A Deployment's pod: the hash of its ReplicaSet, and five of its own. */
const ofReplicaSet = new RegExp(`-${random}{6,10}-${random}{5}$`);
/** A CronJob's pod: the minute it was due, since 1970, and five of its own. */
const ofCronJob = new RegExp(`-\\d{8,10}-${random}{5}$`);
/** A pod of a DaemonSet or a Job. */
const ofSet = new RegExp(`-${random}{5}$`);
/** A StatefulSet counts its pods. */
const ordinal = /-\d{1,4}$/;

/** As Istio names workloads: the Deployment, CronJob, StatefulSet, DaemonSet or Job; the pod itself where nobody made it. A guess by the name's form. */
export function workloadOf(pod: string): string {
  for (const ending of [ofCronJob, ofReplicaSet, ofSet, ordinal]) {
    const rest = pod.replace(ending, "");
    if (rest !== pod && rest !== "") return rest;
  }
  return pod;
}
