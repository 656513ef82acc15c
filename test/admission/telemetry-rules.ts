/**
 * An independent checker of Telemetry manifests, from Istio's documentation of the API and its validation (metrics: UPSERT needs a
 * value, REMOVE must have none), and an evaluator of the little CEL that they use, with Envoy's way with what is missing.
 */

const metricNames = new Set([
  ...["ALL_METRICS", "REQUEST_COUNT", "REQUEST_DURATION", "REQUEST_SIZE", "RESPONSE_SIZE"],
  ...["TCP_OPENED_CONNECTIONS", "TCP_CLOSED_CONNECTIONS", "TCP_SENT_BYTES", "TCP_RECEIVED_BYTES"],
  ...["GRPC_REQUEST_MESSAGES", "GRPC_RESPONSE_MESSAGES"],
]);
const modes = new Set(["CLIENT", "SERVER", "CLIENT_AND_SERVER"]);
const dnsName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

type Json = Record<string, unknown>;
const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Everything that is wrong with a manifest; empty where the API server and istiod take it. */
export function telemetryFaults(manifest: unknown): string[] {
  if (!isJson(manifest)) return ["not an object"];
  const { metadata, spec } = manifest;
  if (!isJson(metadata) || !isJson(spec)) return ["no metadata or spec"];
  return [
    ...unknown(manifest, ["apiVersion", "kind", "metadata", "spec"], ""),
    ...(/^telemetry\.istio\.io\/v1(alpha1)?$/.test(String(manifest.apiVersion)) ? [] : ["apiVersion"]),
    ...(manifest.kind === "Telemetry" ? [] : ["kind"]),
    ...[metadata.name, metadata.namespace].flatMap((one) => (dnsName.test(String(one)) ? [] : [`name ${one}`])),
    ...unknown(spec, ["selector", "metrics", "accessLogging", "tracing"], "spec"),
    ...("selector" in spec ? selectorFaults(spec.selector) : []),
    ...list(spec.metrics).flatMap(metricsFaults),
    ...list(spec.accessLogging).flatMap(loggingFaults),
    ...(list(spec.metrics).length + list(spec.accessLogging).length === 0 ? ["does nothing"] : []),
  ];
}

function unknown(value: Json, known: string[], at: string): string[] {
  return Object.keys(value).flatMap((key) => (known.includes(key) ? [] : [`unknown field ${at}.${key}`]));
}

function selectorFaults(selector: unknown): string[] {
  if (!isJson(selector) || !isJson(selector.matchLabels)) return ["selector without matchLabels"];
  const odd = Object.entries(selector.matchLabels).filter(
    ([key, value]) => key === "" || key.includes("*") || typeof value !== "string" || value.includes("*"),
  );
  return [...unknown(selector, ["matchLabels"], "selector"), ...odd.map(([key]) => `selector ${key}`)];
}

function providerFaults(providers: unknown): string[] {
  return list(providers).flatMap((one) => (isJson(one) && typeof one.name === "string" ? [] : ["provider"]));
}

function metricsFaults(metrics: unknown): string[] {
  if (!isJson(metrics)) return ["metrics"];
  return [
    ...unknown(metrics, ["providers", "overrides", "reportingInterval"], "metrics"),
    ...providerFaults(metrics.providers),
    ...list(metrics.overrides).flatMap(overrideFaults),
  ];
}

function overrideFaults(override: unknown): string[] {
  if (!isJson(override) || !isJson(override.match)) return ["override without match"];
  const { match, tagOverrides } = override;
  const faults = [...unknown(override, ["match", "disabled", "tagOverrides"], "override")];
  if (!metricNames.has(String(match.metric)) || "customMetric" in match) faults.push(`metric ${match.metric}`);
  if (!modes.has(String(match.mode))) faults.push(`mode ${match.mode}`);
  if (!isJson(tagOverrides) || Object.keys(tagOverrides).length === 0) return [...faults, "no tags"];
  for (const [tag, one] of Object.entries(tagOverrides)) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(tag) || !isJson(one)) {
      faults.push(`tag ${tag}`);
      continue;
    }
    faults.push(...unknown(one, ["operation", "value"], tag));
    const { operation = "UPSERT", value } = one;
    if (operation === "UPSERT" && (typeof value !== "string" || value === ""))
      faults.push(`${tag}: UPSERT needs a value`);
    if (operation === "REMOVE" && value !== undefined) faults.push(`${tag}: REMOVE takes no value`);
    if (typeof value === "string") faults.push(...expressionFaults(value));
  }
  return faults;
}

function loggingFaults(logging: unknown): string[] {
  if (!isJson(logging)) return ["accessLogging"];
  const { filter, match } = logging;
  return [
    ...unknown(logging, ["match", "providers", "disabled", "filter"], "accessLogging"),
    ...providerFaults(logging.providers),
    ...(isJson(match) && modes.has(String(match.mode)) ? [] : ["accessLogging mode"]),
    ...(isJson(filter) && typeof filter.expression === "string" ? expressionFaults(filter.expression) : []),
  ];
}

function expressionFaults(text: string): string[] {
  try {
    evaluate(text, {});
    return [];
  } catch (thrown) {
    return [`no expression: ${text}: ${String(thrown)}`];
  }
}

type Value = string | boolean | typeof missing;
/** CEL's error, which Envoy writes as "unknown". */
const missing = Symbol("missing");

/** A label's value as Envoy's stats filter writes it: by the attributes of a connection or request. Throws where it is no expression. */
export function labelValue(text: string, attributes: Record<string, string>): string {
  const value = evaluate(text, attributes);
  return typeof value === "string" ? value : "unknown";
}

/** Does an access log with this filter have it? What cannot be evaluated is not logged. */
export const isLogged = (text: string, attributes: Record<string, string>): boolean =>
  evaluate(text, attributes) === true;

/** `||`, `==`, `? :`, text and attributes: all that is used. `||` is true where one side is, whatever the other (CEL's logic of errors). */
function evaluate(text: string, attributes: Record<string, string>): Value {
  const tokens = [...text.matchAll(/\s*('[^']*'|\|\||==|[?:()]|[a-z_]+(?:\.[a-z_]+)+|\S)/g)].map(
    ([, token]) => token ?? "",
  );
  let at = 0;
  const take = (wanted?: string): string => {
    const token = tokens[at++];
    if (token === undefined || (wanted !== undefined && token !== wanted)) throw new Error(`at ${token}`);
    return token;
  };
  const primary = (): Value => {
    const token = take();
    if (token === "(") {
      const value = conditional();
      take(")");
      return value;
    }
    if (token.startsWith("'")) return token.slice(1, -1);
    if (!/^[a-z_]+(\.[a-z_]+)+$/.test(token)) throw new Error(`at ${token}`);
    return attributes[token] ?? missing;
  };
  const equal = (): Value => {
    const left = primary();
    if (tokens[at] !== "==") return left;
    take("==");
    const right = primary();
    return left === missing || right === missing ? missing : left === right;
  };
  const or = (): Value => {
    let left = equal();
    while (tokens[at] === "||") {
      take("||");
      const right = equal();
      left = left === true || right === true ? true : left === missing || right === missing ? missing : false;
    }
    return left;
  };
  const conditional = (): Value => {
    const condition = or();
    if (tokens[at] !== "?") return condition;
    take("?");
    const yes = conditional();
    take(":");
    const no = conditional();
    return condition === missing ? missing : condition === true ? yes : no;
  };
  const value = conditional();
  if (at !== tokens.length) throw new Error(`at ${tokens[at]}`);
  return value;
}
