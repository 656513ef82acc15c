/** Istio's default text format (istio pilot/pkg/model/telemetry_logging.go, EnvoyTextLogFormat). Pure. */
import { noHints, readEnvoy } from "./envoy.ts";
import { isMarked } from "./marks.ts";
import { type Format, told } from "./told.ts";

/** Up to the duration. A request's path and user agent may hold quotes, which Envoy does not escape: nothing after `"` is trusted here. */
const head = /^\[([^\]]{1,64})\] "(.*?) (HTTP\/[\d.]+|-)" (\d{1,3}) (\S+) (\S+) (\S+) "(.*?)" (\d+) (\d+) (\d+|-) /s;
/** From the Host on, by the end of the line: of an HTTP request nothing there is the workload's own but the Host. */
const tail = /"([^"]*)" "([^"]*)" (\S+) (\S+) (\S+) (\S+) (\S+) (\S+)$/;
/** Of a connection all that is quoted is fixed, and its SNI, which may hold anything, comes after all else: from the begin on. */
const connection =
  /^\[([^\]]{1,64})\] "- - -" 0 (\S+) (\S+) (\S+) "(.*?)" \d+ \d+ (\d+|-) \S+ "-" "-" "-" "-" "([^"]*)" (\S+) (\S+) (\S+) (\S+) (.*) (\S+)$/s;

export const envoyText: Format = {
  name: "Istio's text format",
  proxy: "envoy",
  looksLike: (text) => text.charCodeAt(0) === 91 && /^\[\d{4}-\d\d-\d\dT[^\]]*\] "/.test(text),
  read(text, isGateway) {
    if (!isGateway && !isMarked(text)) return "other";
    const begin = text.indexOf('"');
    return text.startsWith('"- - -" ', begin) ? readConnection(text, isGateway) : readRequest(text, isGateway);
  },
};

function readConnection(text: string, isGateway: boolean) {
  const match = connection.exec(text);
  if (match === null) return "broken";
  const [, start, flags, details, termination, , duration, upstreamHost, cluster, , local, , sni, route] =
    match.map(told);
  const columns = { start, duration, flags, details, termination, upstreamHost, cluster, local, sni, route };
  return readEnvoy({ ...whole(columns), protocol: null, authority: null, grpc: false, hints: noHints }, isGateway);
}

function readRequest(text: string, isGateway: boolean) {
  const begin = head.exec(text);
  const end = tail.exec(text);
  if (begin === null || end === null) return "broken";
  const [, start, , protocol, , flags, details, termination, , , , duration] = begin.map(told);
  const [, authority, upstreamHost, cluster, , local, , sni, route] = end.map(told);
  const columns = { start, duration, flags, details, termination, upstreamHost, cluster, local, sni, route };
  const request = { protocol: protocol ?? null, authority: authority ?? null, grpc: false, hints: noHints };
  return readEnvoy({ ...whole(columns), ...request }, isGateway);
}

/** A group that took no part in a match is no column. */
function whole<Name extends string>(columns: Record<Name, string | null | undefined>): Record<Name, string | null> {
  const entries = Object.entries<string | null | undefined>(columns).map(([name, value]) => [name, value ?? null]);
  return Object.fromEntries(entries);
}
