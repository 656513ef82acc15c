/** A real Pushgateway on a free port of loopback. */
import { type Child, onFreePort, startChild } from "./child.ts";
import { toolPath } from "./ensure.ts";

export interface Pushgateway {
  url: string;
  /** What Prometheus would scrape of it. */
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

export async function startPushgateway(): Promise<Pushgateway> {
  const { child, url } = await onFreePort(async (port): Promise<{ child: Child; url: string }> => {
    const at = `http://127.0.0.1:${port}`;
    const ready = () =>
      fetch(`${at}/-/ready`).then(
        (answer) => answer.ok,
        () => false,
      );
    const flags = [`--web.listen-address=127.0.0.1:${port}`, "--persistence.file=", "--log.level=warn"];
    return { child: await startChild(toolPath("prometheus-pushgateway"), flags, ready), url: at };
  });
  return {
    url,
    metrics: async () => await (await fetch(`${url}/metrics`)).text(),
    stop: () => child.stop(),
  };
}
