/** What a server that speaks Prometheus' query API tells of itself. Pure. */
import * as z from "zod";

/** Null where it does not tell. */
export interface ServerFacts {
  /** `Prometheus`, `Thanos`, … */
  kind: string | null;
  version: string | null;
  /** How long it keeps samples, in its own words: `15d`, `15d or 10GiB`. */
  retention: string | null;
  /** Its clock less ours, ms, by when it evaluates a query and by the Date of its answer; good to `within` ms, a Date to a half second more. */
  skew: { time: number | null; date: number | null; within: number };
}

/** Asks a server about itself. */
export interface Self {
  /** @throws ScoutError `prometheus/…` where it answers no query at all; what else it does not tell is null */
  about(now: () => number): Promise<ServerFacts>;
}

const text = z.string().min(1).max(100);
const buildShape = z.object({ version: text.optional(), application: text.optional() });
const runtimeShape = z.object({ storageRetention: text });

/** What answers give away: `host` is the one asked. */
export interface Signs {
  host: string;
  buildinfo: unknown;
  isVictoria: boolean;
}

/**
 * Amazon's by its host; VictoriaMetrics by its answers, since the version that it gives is none or Prometheus'; Mimir by name; Thanos by its
 * version, which is below 1.
 */
export function kindOf({ host, buildinfo, isVictoria }: Signs): Pick<ServerFacts, "kind" | "version"> {
  const parsed = buildShape.safeParse(buildinfo);
  const { version, application } = parsed.success ? parsed.data : {};
  const told = version !== undefined && /^v?\d[\w.+-]*$/.test(version) ? version : null;
  if (/^aps-workspaces\..+\.amazonaws\.com(\.cn)?$/.test(host))
    return { kind: "Amazon Managed Prometheus", version: null };
  if (isVictoria) return { kind: "VictoriaMetrics", version: null };
  if (application !== undefined && /mimir/i.test(application)) return { kind: "Mimir", version: told };
  if (told === null) return { kind: null, version: null };
  return { kind: /^v?0\./.test(told) ? "Thanos" : /^v?[23]\./.test(told) ? "Prometheus" : null, version: told };
}

/** Of Prometheus' runtime information. */
export function retentionOf(runtimeinfo: unknown): string | null {
  const parsed = runtimeShape.safeParse(runtimeinfo);
  return parsed.success && /^[\w .]+$/.test(parsed.data.storageRetention) ? parsed.data.storageRetention : null;
}
