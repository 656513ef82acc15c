import { describe, expect, it } from "vitest";
import type { LogLine } from "../../../lib/model.ts";
import { unwrapper } from "../../../lib/observe/logs/unwrap.ts";
import * as line from "./make.ts";

const whole = line.tls();
const at = Date.UTC(2023, 10, 24, 13, 22, 0, 500);
const stamp = "2023-11-24T13:22:00.500000000Z";
const given = (text: string, change: Partial<LogLine> = {}): LogLine => ({ text, time: null, labels: {}, ...change });

/** What the lines are once they are unwrapped. */
function opened(...texts: string[]) {
  const open = unwrapper();
  return texts.map((text) => open(given(text)));
}

describe("what stands around a line", () => {
  it("is nothing: the line as it is", () => {
    expect(opened(whole, line.tlsJson(), line.ztunnelText())).toEqual(
      [whole, line.tlsJson(), line.ztunnelText()].map((text) => ({ text, time: null, labels: {} })),
    );
  });

  it("is kubectl's prefix, its times, or both", () => {
    const labels = { pod: "web-7dc8cb9d9b-6hfhg", container: "istio-proxy" };
    const prefix = "[pod/web-7dc8cb9d9b-6hfhg/istio-proxy] ";
    expect(opened(`${prefix}${whole}`, `${stamp} ${whole}`, `${prefix}${stamp} ${line.tlsJson()}`)).toEqual([
      { text: whole, time: null, labels },
      { text: whole, time: at, labels: {} },
      { text: line.tlsJson(), time: at, labels },
    ]);
  });

  it("is a container runtime's: whole lines, and parts that are joined by stream", () => {
    const parts = [
      `${stamp} stdout P ${whole.slice(0, 90)}`,
      `${stamp} stderr F warning`,
      `${stamp} stdout F ${whole.slice(90)}`,
    ];
    expect(opened(`${stamp} stdout F ${whole}`, ...parts)).toEqual([
      { text: whole, time: at, labels: {} },
      "part",
      { text: "warning", time: at, labels: {} },
      { text: whole, time: at, labels: {} },
    ]);
  });

  it("is Docker's JSON, or Fluent Bit's with what Kubernetes knows", () => {
    const docker = JSON.stringify({ log: `${line.tlsJson()}\n`, stream: "stdout", time: stamp });
    const kubernetes = {
      pod_name: "web-0",
      namespace_name: "shop",
      container_name: "istio-proxy",
      labels: { app: "x" },
    };
    const fluent = JSON.stringify({ time: stamp, stream: "stdout", _p: "F", log: whole, kubernetes });
    expect(opened(docker, fluent)).toEqual([
      { text: line.tlsJson(), time: at, labels: {} },
      { text: whole, time: at, labels: { pod: "web-0", namespace: "shop", container: "istio-proxy" } },
    ]);
  });

  it("is a long line that Docker cut into pieces", () => {
    const long = line.tlsJson({}, { user_agent: "x".repeat(20_000) });
    const piece = (log: string) => JSON.stringify({ log, stream: "stdout", time: stamp });
    const [first, second] = opened(piece(long.slice(0, 16_384)), piece(`${long.slice(16_384)}\n`));
    expect(first).toBe("part");
    expect(second).toMatchObject({ text: long });
  });

  it("is no piece where it is longer than Docker's are, or its collector says that it is whole", () => {
    const long = line.tlsJson({}, { user_agent: "x".repeat(20_000) });
    const exact = line.tlsJson({}, { user_agent: "x".repeat(16_384 - line.tlsJson({}, { user_agent: "" }).length) });
    expect(exact).toHaveLength(16_384);
    const [first, second] = opened(JSON.stringify({ log: long }), JSON.stringify({ log: exact, logtag: "F" }));
    expect([first, second]).toMatchObject([{ text: long }, { text: exact }]);
  });

  it("is colours and carriage returns", () => {
    expect(opened(`\u001b[32m${whole}\u001b[0m\r`)).toEqual([{ text: whole, time: null, labels: {} }]);
  });

  it("leaves the time that the keeper of the line knows", () => {
    expect(unwrapper()(given(`${stamp} stdout F ${whole}`, { time: 5 }))).toMatchObject({ time: 5 });
  });

  it("holds a bounded part of lines that never end", () => {
    const open = unwrapper();
    const piece = `${stamp} stdout P ${"x".repeat(60_000)}`;
    for (let n = 0; n < 100; n += 1) expect(open(given(piece))).toBe("part");
    expect(open(given(`${stamp} stdout F end`))).toBe("broken");
    expect(open(given(`${stamp} stdout F ${whole}`))).toMatchObject({ text: whole });
  });

  it("gives the same labels for the same pod, so that what is known of it is worked out once", () => {
    const labels = { namespace: "shop" };
    const open = unwrapper();
    const [one, other] = [1, 2].map(() => open(given(`[pod/web-0/istio-proxy] ${whole}`, { labels })));
    expect(one).toMatchObject({ labels: { namespace: "shop", pod: "web-0" } });
    expect(typeof one === "object" && typeof other === "object" && one.labels === other.labels).toBe(true);
  });
});
