/** A real Alertmanager on a free port of loopback. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Child, onFreePort, startChild } from "./child.ts";
import { toolPath } from "./ensure.ts";

/** What it says of an alert (GET /api/v2/alerts). */
export interface KnownAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string;
  generatorURL: string;
  status: { state: string };
}

export interface Alertmanager {
  url: string;
  /** Those that fire, by label `finding`. */
  firing(): Promise<Map<string, KnownAlert>>;
  stop(): Promise<void>;
}

/** `webConfig`: YAML of its own web server, for users and passwords; `authorization` is then sent by `firing`. */
export async function startAlertmanager(
  dir: string,
  { webConfig, authorization }: { webConfig?: string; authorization?: string } = {},
): Promise<Alertmanager> {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, "alertmanager.yml");
  writeFileSync(file, JSON.stringify({ route: { receiver: "nobody" }, receivers: [{ name: "nobody" }] }));
  const web = join(dir, "web.yml");
  if (webConfig !== undefined) writeFileSync(web, webConfig);
  const headers = authorization === undefined ? {} : { authorization };
  const { child, url } = await onFreePort(async (port): Promise<{ child: Child; url: string }> => {
    const at = `http://127.0.0.1:${port}`;
    const flags = [
      `--config.file=${file}`,
      `--storage.path=${dir}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
      "--log.level=warn",
      ...(webConfig === undefined ? [] : [`--web.config.file=${web}`]),
    ];
    const ready = () =>
      fetch(`${at}/-/ready`, { headers }).then(
        (answer) => answer.ok,
        () => false,
      );
    return { child: await startChild(toolPath("prometheus-alertmanager"), flags, ready), url: at };
  });
  return {
    url,
    async firing() {
      const answer = await fetch(`${url}/api/v2/alerts`, { headers });
      if (!answer.ok) throw new Error(`Alertmanager answered ${answer.status}: ${await answer.text()}`);
      const all = (await answer.json()) as KnownAlert[];
      return new Map(all.map((one) => [one.labels.finding ?? "", one]));
    },
    stop: () => child.stop(),
  };
}
