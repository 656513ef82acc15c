/** What stands around a line: kubectl's prefix and times, a container runtime's, a collector's JSON. Pure, but for lines in parts. */
import type { Labels, LogLine } from "../../model.ts";
import { parsed } from "./envoy-json.ts";
import { told, toldTime, type Unwrapped } from "./told.ts";

/** `kubectl logs --prefix`. */
const prefix = /^\[pod\/([^/\]\s]{1,253})\/([^\]\s]{1,253})\] /;
/** The kubelet's own format (CRI): time, stream, `P` for a part of a line and `F` for its end. */
const cri = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([FP])(?::[\w:]*)? /;
/** `kubectl logs --timestamps`. ztunnel's own lines begin with a time as well, and go on after a tab. */
const timestamp = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) (?=[[{\d])/;
// Not stripVTControlCharacters(): on a line of many "ESC ]" (40,000: 4.5 s) its time grows with the square, and a workload writes lines.
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it takes out
const ansi = /\u001b\[[\d;]*[A-Za-z]/g;
/** Docker cuts lines into pieces of 16 KiB, without a newline at their end. */
const dockerPiece = 16_384;

const mostPending = 256;
const longest = 256 * 1024;

/** A line's text may be too long once its parts are joined. */
export type Opened = Unwrapped | "broken" | "part";

/** Takes lines one after another, as they come; of a line in parts all but the last are `part`. */
export function unwrapper(): (line: LogLine) => Opened {
  const pending = new Map<string, string>();
  const labelled = new WeakMap<Labels, Map<string, Labels>>();

  /** The same object for the same pod: what is known of a stream is worked out once. */
  const withLabels = (labels: Labels, more: Labels): Labels => {
    const known = labelled.get(labels) ?? new Map<string, Labels>();
    labelled.set(labels, known);
    const key = Object.values(more).join("/");
    const found = known.get(key) ?? { ...labels, ...more };
    if (known.size < 10_000) known.set(key, found);
    return found;
  };

  const joined = (one: Unwrapped, stream: string, isPart: boolean): Opened => {
    const key = `${one.labels.namespace}/${one.labels.pod}/${one.labels.container}/${stream}`;
    const before = pending.get(key) ?? "";
    if (isPart) {
      if (before.length < longest && (before !== "" || pending.size < mostPending)) pending.set(key, before + one.text);
      return "part";
    }
    if (before === "") return one;
    pending.delete(key);
    return before.length >= longest ? "broken" : { ...one, text: before + one.text };
  };

  return (line) => {
    let { time, labels } = line;
    let text = line.text.includes("\u001b") ? line.text.replace(ansi, "") : line.text;
    if (text.endsWith("\r")) text = text.slice(0, -1);
    const [named, pod = "", container = ""] = text.startsWith("[pod/") ? (prefix.exec(text) ?? []) : [];
    if (named !== undefined) {
      labels = withLabels(labels, { pod, container });
      text = text.slice(named.length);
    }
    const first = text.charCodeAt(0);
    if (first >= 48 && first <= 57) {
      const [whole, at = "", stream = "", end] = cri.exec(text) ?? [];
      if (whole !== undefined) {
        const inner = { text: text.slice(whole.length), time: time ?? toldTime(at), labels };
        return joined(inner, stream, end === "P");
      }
      const [stamped, when = ""] = timestamp.exec(text) ?? [];
      if (stamped !== undefined) {
        text = text.slice(stamped.length);
        time ??= toldTime(when);
      }
    }
    if (text.charCodeAt(0) !== 123 || !/"log":\s*"/.test(text)) return { text, time, labels };
    return collected(text, { time, labels }, withLabels, joined);
  };
}

/** Docker's JSON, and Fluent Bit's: the line is under `log`, and what Kubernetes knows beside it. */
function collected(
  text: string,
  { time, labels }: Omit<Unwrapped, "text">,
  withLabels: (labels: Labels, more: Labels) => Labels,
  joined: (one: Unwrapped, stream: string, isPart: boolean) => Opened,
): Opened {
  const outer = parsed(text);
  const log = told(outer?.log);
  if (outer === null || log === null) return "broken";
  const about = typeof outer.kubernetes === "object" && outer.kubernetes !== null ? { ...outer.kubernetes } : {};
  const more = Object.entries(about).flatMap(([name, value]) => {
    const known = typeof value === "string" ? told(value) : null;
    return known === null || !/^(namespace_name|pod_name|container_name)$/.test(name)
      ? []
      : [[name.replace("_name", ""), known]];
  });
  const own = more.length === 0 ? labels : withLabels(labels, Object.fromEntries(more));
  const inner = { text: log.replace(/\r?\n$/, ""), time: time ?? toldTime(told(outer.time)), labels: own };
  const isPart =
    outer._p === "P" ||
    (Buffer.byteLength(log) === dockerPiece && !log.endsWith("\n") && outer._p === undefined && outer.logtag !== "F");
  return joined(inner, told(outer.stream) ?? "", isPart);
}
