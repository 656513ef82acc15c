/** A heartbeat, so that silence is noticed by somebody else. Whoever gets it says so when it stays away. */
import { ask, type Request } from "./http.ts";

export interface DeadmanSettings {
  /** `{cluster}` in it is the cluster's name: then each cluster has its own heartbeat. */
  url: string;
  /** Told at once where a run was not well; null where nobody is. */
  fail: string | null;
  method: "GET" | "POST";
  headers: Readonly<Record<string, string>>;
  timeout: number;
}

/** How the runs of one call went, by cluster: did each finish and reach its channels? */
export type Runs = ReadonlyMap<string, boolean>;

interface Beat {
  /** Null where it is about all clusters of the call. */
  cluster: string | null;
  isWell: boolean;
  url: string;
}

const placeholder = "{cluster}";

/** Has each cluster a heartbeat of its own? */
export const isByCluster = ({ url, fail }: Pick<DeadmanSettings, "url" | "fail">): boolean =>
  [url, fail].some((one) => one?.includes(placeholder));

/** Which URLs are asked. A heartbeat of all is sent only where every run was well. Pure. */
export function beats(settings: Pick<DeadmanSettings, "url" | "fail">, runs: Runs): Beat[] {
  const { url, fail } = settings;
  const to = (isWell: boolean) => (isWell ? url : fail);
  const all: (readonly [cluster: string | null, isWell: boolean])[] = isByCluster(settings)
    ? [...runs]
    : runs.size === 0
      ? []
      : [[null, [...runs.values()].every((isWell) => isWell)]];
  return all.flatMap(([cluster, isWell]) => {
    const pattern = to(isWell);
    if (pattern === null) return [];
    return [{ cluster, isWell, url: pattern.replaceAll(placeholder, encodeURIComponent(cluster ?? "")) }];
  });
}

/** Sends them. @returns what is to be said of those that did not go through: the URLs are no part of it */
export async function beat(settings: DeadmanSettings, runs: Runs, pause?: Request["pause"]): Promise<string[]> {
  const { method, headers, timeout } = settings;
  const sent = beats(settings, runs).map(async ({ cluster, isWell, url }) => {
    const clusters = cluster === null ? [...runs.keys()] : [cluster];
    const content =
      method === "GET"
        ? { headers }
        : {
            headers: { "content-type": "application/json", ...headers },
            body: JSON.stringify({ status: isWell ? "ok" : "failed", clusters }),
          };
    const fault = await ask({ method, url, ...content, timeout, ...(pause === undefined ? {} : { pause }) });
    return fault === null ? [] : [`the heartbeat${cluster === null ? "" : ` of ${cluster}`} was not taken: ${fault}`];
  });
  return (await Promise.all(sent)).flat();
}
