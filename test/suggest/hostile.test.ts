import { describe, expect, it } from "vitest";
import type { Finding, Name, Protocol } from "../../lib/model.ts";
import { parseHost } from "../../lib/words/host.ts";
import { admit } from "../admission/admit.ts";
import hostile from "../data/hostile-names.json" with { type: "json" };
import { finding, http, name, source, spec, suggestAll, tcp, tls } from "./make.ts";

/** What a careless observer would hand over: the raw text as host, as claim, as PTR name, as workload and as namespace. */
function careless(value: string): Finding[] {
  const trusted = (text: string, from: Name["from"]) => ({ names: [name(text, from, "confirmed")] });
  const asHost = (["http", "grpc", "tls", "tcp"] as Protocol[]).map((protocol) =>
    finding(http(value, 80, { protocol }), trusted(value, "host")),
  );
  return [
    ...asHost,
    finding(tls(value), trusted(value, "sni")),
    finding(tcp("203.0.113.7"), trusted(value, "ptr")),
    finding(tcp(value), trusted(value, "forward")),
    finding(tls("api.example.com"), { source: source({ workload: value }) }),
    finding(tls("api.example.com"), { source: source({ namespace: value }) }),
    finding(tls("api.example.com", 443, { address: value }), { addresses: [value] }),
  ];
}

const forbidden = /\.internal$|localhost|cluster\.local|svc|in-addr\.arpa|\*|[^a-z0-9.-]/;

describe.each(hostile)("$id", ({ value, expect: wanted }) => {
  const made = suggestAll(careless(value)).flatMap((one) => one.suggestions);

  it("leaves no forbidden host in a manifest, and every manifest is accepted", () => {
    for (const { manifest } of made) {
      for (const host of spec(manifest).hosts) {
        if (!host.endsWith(".egress.internal")) expect(host).not.toMatch(forbidden);
        if (host.endsWith(".egress.internal")) expect(host).toMatch(/^ip-[0-9a-f-]+\.egress\.internal$/);
      }
      expect(admit(manifest)).toEqual([]);
    }
  });

  it("prints nothing but plain ASCII", () => {
    for (const { yaml, why, warnings } of made) {
      expect(yaml).toMatch(/^[\x20-\x7e\n]+$/);
      for (const text of [...why, ...warnings]) expect(text).toMatch(/^[\x20-\x7e]+$/);
      expect([...why, ...warnings].join("")).not.toMatch(/[<>&`]/);
    }
    for (const one of suggestAll(careless(value))) expect(one.noSuggestion ?? "").toMatch(/^[\x20-\x7e]*$/);
  });

  it("is a host only where it is one", () => {
    const parsed = parseHost(value);
    const hosts = made.flatMap(({ manifest }) => spec(manifest).hosts);
    if (wanted.startsWith("reject")) expect(hosts).not.toContain(value.toLowerCase());
    if (wanted === "accept") expect(hosts).toContain(parsed.kind === "host" ? parsed.host : "");
  });
});
