/** Metrics to a Prometheus Pushgateway. https://github.com/prometheus/pushgateway#api */
import { exposition, type Sample } from "../report/exposition.ts";
import { ask, type Request } from "./http.ts";

export interface PushSettings {
  url: string;
  job: string;
  headers: Readonly<Record<string, string>>;
  basic: { username: string; password: string } | null;
  timeout: number;
}

/**
 * Pushes what a run of a cluster tells. PUT takes the place of all that the cluster's group held; POST, for a run that did not finish, of
 * metrics of the same names only, so that the last success stays.
 * @returns null, or what came of it
 */
export async function push(
  { url, job, headers, basic, timeout }: PushSettings,
  samples: readonly Sample[],
  cluster: string,
  isDone: boolean,
  pause?: Request["pause"],
): Promise<string | null> {
  const group = ["metrics", ...pair("job", job), ...pair("cluster", cluster)].join("/");
  const login = basic === null ? {} : { authorization: `Basic ${base64(`${basic.username}:${basic.password}`)}` };
  return await ask({
    method: isDone ? "PUT" : "POST",
    url: `${url.replace(/\/+$/, "")}/${group}`,
    headers: { ...headers, ...login, "content-type": "text/plain; version=0.0.4; charset=utf-8" },
    body: exposition(samples),
    timeout,
    ...(pause === undefined ? {} : { pause }),
  });
}

const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");

/** A value that a path cannot hold goes as base64url. */
const pair = (name: string, value: string): [string, string] =>
  /^[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(value)
    ? [name, value]
    : [`${name}@base64`, Buffer.from(value, "utf8").toString("base64url")];
