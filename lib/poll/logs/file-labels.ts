/** What the kubelet's names of log files tell of the pod. Pure. */
import type { Labels } from "../../model.ts";

/** /var/log/pods/NAMESPACE_POD_UID/CONTAINER/N.log; kubelet, `BuildPodLogsDirectory`. */
const podsFolder = /(?:^|\/)([a-z0-9-]+)_([a-z0-9.-]+)_[0-9a-f-]{32,36}\/([a-z0-9-]+)\/\d+\.log[^/]*$/;
/** /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log; kubelet, `LogSymlink`. Fluent Bit makes stream names of it. */
const containersFolder = /(?:^|[/.])([a-z0-9][a-z0-9.-]*)_([a-z0-9-]+)_([a-z0-9-]+)-[0-9a-f]{64}\.log[^/]*$/;

/** `namespace`, `pod` and `container` by a file's path, or a stream's name made of one; empty where it is none of the kubelet's. */
export function fileLabels(path: string): Labels {
  const inPods = podsFolder.exec(path);
  if (inPods !== null) {
    const [, namespace = "", pod = "", container = ""] = inPods;
    return { namespace, pod, container };
  }
  const [, pod = "", namespace = "", container = ""] = containersFolder.exec(path) ?? [];
  return pod === "" ? {} : { namespace, pod: withoutFolders(pod), container };
}

/** Fluent Bit's tag: `kube.var.log.containers.POD`. */
const withoutFolders = (pod: string): string => pod.replace(/^.*var\.log\.containers\./, "");
