/** ztunnel's access log, as text and JSON (istio/ztunnel src/proxy/metrics.rs, target "access"). Pure. */
import { noHints } from "./envoy.ts";
import { parsed } from "./envoy-json.ts";
import { type Format, type Reading, told, toldTime } from "./told.ts";

/** `TIME\tinfo\taccess\tconnection complete\tsrc.addr=… dst.addr=…`; some collectors make blanks of the tabs. Bounded: any text is tried. */
const begin = /^(\d{4}-\d\d-\d\dT[\d:.]+Z)\s{1,8}\w{1,16}\s{1,8}access\s{1,8}([^=]{0,64}?)\s{1,8}(?=[\w.]{1,64}=)/;
const pair = /(?<![\w.])([\w.]+)=(?:"((?:[^"\\]|\\.)*)"|(\S+))/g;

export const ztunnelJson: Format = {
  name: "ztunnel's JSON format",
  proxy: "ztunnel",
  looksLike: (text) => text.charCodeAt(0) === 123 && /"scope":\s*"access"/.test(text),
  read(text) {
    if (text.charCodeAt(text.length - 1) !== 125) return "broken";
    if (!text.includes("outbound")) return "other";
    const line = parsed(text);
    return line === null ? "broken" : readZtunnel(line, told(line.time), told(line.message));
  },
};

export const ztunnelText: Format = {
  name: "ztunnel's text format",
  proxy: "ztunnel",
  looksLike: (text) => begin.test(text),
  read(text) {
    if (!text.includes("outbound")) return "other";
    const [whole = "", time = "", message = ""] = begin.exec(text) ?? [];
    const line: Record<string, unknown> = {};
    for (const [, key = "", quoted, bare] of text.slice(whole.length).matchAll(pair)) line[key] ??= quoted ?? bare;
    return readZtunnel(line, time, message);
  },
};

/** What no service and no workload of the mesh answers to goes outside. There is no black hole: nothing of it is blocked. */
function readZtunnel(line: Record<string, unknown>, time: string | null, message: string | null): Reading {
  if (told(line.direction) !== "outbound") return "other";
  if (told(line["dst.service"]) !== null || told(line["dst.workload"]) !== null) return "other";
  const dialled = told(line["dst.addr"]);
  if (dialled === null) return "broken";
  const at = toldTime(time);
  return {
    began: at,
    at,
    event: message?.includes("opened") === true ? "open" : "close",
    verdict: "allowed",
    dynamic: false,
    http: null,
    authority: null,
    dialled,
    port: null,
    sni: null,
    hints: {
      ...noHints,
      namespace: told(line["src.namespace"]),
      // ztunnel's workloads are pods.
      pod: told(line["src.workload"]),
      principal: told(line["src.identity"]),
    },
  };
}
