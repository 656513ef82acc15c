import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wildcardDomain } from "../../lib/words/domain.ts";
import { insideReason, parseHost } from "../../lib/words/host.ts";
import { hostFault } from "../admission/names.ts";
import { hostileText } from "./texts.ts";

const runs = { numRuns: 4000 };

describe("host parsing", () => {
  it("never throws, and takes its own canonical form as it is", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const parsed = parseHost(text);
        if (parsed.kind === "junk") {
          expect(parsed.why).toMatch(/^[\x20-\x7e]+$/);
          return;
        }
        const canonical = parsed.kind === "host" ? parsed.host : parsed.address;
        expect(parseHost(canonical)).toEqual({ ...parsed, port: null });
      }),
      runs,
    );
  });

  it("accepts no name that Istio refuses, nor a wildcard of it", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const parsed = parseHost(text);
        if (parsed.kind !== "host") return;
        expect(hostFault(parsed.host)).toBeNull();
        expect(insideReason(parsed.host) ?? "").toMatch(/^[\x20-\x7e]*$/);
        const domain = wildcardDomain(parsed.host);
        if (domain !== null) expect(hostFault(`*.${domain}`)).toBeNull();
      }),
      runs,
    );
  });

  it("accepts nothing that holds more than letters, digits, hyphens and dots", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        if (parseHost(text).kind === "host") expect(text).toMatch(/^[A-Za-z0-9.-]+(?::\d{1,5})?$/);
      }),
      runs,
    );
  });
});
