/** Host headers, SNIs and PTR answers: names or junk told as text, canonical, and harmless wherever they are printed. */
import fc from "fast-check";
import { expect } from "vitest";
import { readHttp, readTcp } from "../../lib/observe/destination.ts";
import { sightingKey } from "../../lib/observe/key.ts";
import { wildcardDomain } from "../../lib/words/domain.ts";
import { insideReason, parseHost } from "../../lib/words/host.ts";
import { hostFault } from "../admission/names.ts";
import { names as labelNames } from "../observe/make.ts";
import { expectHarmless, expectPlain } from "./expect.ts";
import { mutated, repeated } from "./mutate.ts";
import { print, printCareless, printForbidden, ptr } from "./print.ts";
import { expectPrintable, property } from "./property.ts";
import { hostileText } from "./texts.ts";

const valid = fc.oneof(
  fc.domain(),
  fc.constantFrom(
    "api.stripe.com:443",
    "[2001:db8::1]:8443",
    "203.0.113.7",
    "xn--bcher-kva.example",
    "a_b.example.com",
    "S3.AmazonAWS.com.",
  ),
  fc.ipV4(),
  fc.ipV6(),
);
export const anyName = fc.oneof(
  { weight: 4, arbitrary: mutated(valid) },
  { weight: 4, arbitrary: hostileText },
  {
    weight: 1,
    arbitrary: repeated(fc.oneof(hostileText, fc.constantFrom("a", "a.", "-", ":", "1.", "::", "[", "xn--"))),
  },
);

const source = { cluster: "prod", namespace: "shop", workload: "web" };

function expectName(text: string): void {
  const parsed = parseHost(text);
  if (parsed.kind === "junk") {
    expectPrintable(parsed.why);
    return;
  }
  const canonical = parsed.kind === "host" ? parsed.host : parsed.address;
  expect(parseHost(canonical)).toEqual({ ...parsed, port: null });
  if (parsed.kind !== "host") return;
  expect(hostFault(parsed.host)).toBeNull();
  expect(text).toMatch(/^[A-Za-z0-9.-]+(?::\d{1,5})?$/);
  expectPrintable(insideReason(parsed.host) ?? "");
  const domain = wildcardDomain(parsed.host);
  if (domain !== null) expect(hostFault(`*.${domain}`)).toBeNull();
}

/** What a workload wrote is one destination, the same in upper case and with the port that it had anyway. */
function expectIdentity(text: string): void {
  const keys = [text, text.toUpperCase(), text.toLowerCase()].map((one) => {
    const destination = readHttp(
      { destination_service: one, destination_address: "203.0.113.7:80" },
      labelNames,
      "allowed",
    );
    expectPrintable(`${destination.claim ?? ""}${destination.host ?? ""}${destination.sni ?? ""}`);
    return { isHost: destination.host !== null, key: sightingKey("prod", source, destination) };
  });
  const [first] = keys;
  if (first?.isHost) expect(new Set(keys.map(({ key }) => key)).size).toBe(1);
  const tls = readTcp({ requested_server_name: text, destination_address: "203.0.113.7:443" }, labelNames, "allowed");
  expectPrintable(`${tls.claim ?? ""}${tls.host ?? ""}${tls.sni ?? ""}`);
}

export const properties = [
  property("names: any text is a canonical name that Istio takes, an address, or junk", 100, anyName, expectName),
  property("names: a Host is one destination in any case, an SNI is printable", 100, anyName, expectIdentity),
  property(
    "names: a PTR answer is a name, or refused as text",
    50,
    fc.tuple(anyName, fc.constantFrom("confirmed", "claimed", "contradicted")),
    async ([text, said]) => {
      const { name, trust, why } = await ptr(text, said);
      expect(`${name}${why}`).toMatch(/^[\x20-\x7e]+$/);
      const parsed = parseHost(text);
      if (parsed.kind === "host" && parsed.port === null && !text.includes("\\")) expect(name).toBe(parsed.host);
      else expect(trust).toBe("refused");
    },
  ),
  property(
    "names: come out of Slack, text and YAML 1.1 and 1.2 as text, and YAML reads back",
    20,
    anyName,
    async (text) => expectHarmless(await print(text)),
  ),
  property("names: forbidden ones come out as text as well", 20, anyName, async (text) =>
    expectHarmless(await printForbidden(text)),
  ),
  property("names: a channel relies on nobody before it", 20, anyName, (text) => expectPlain(printCareless(text))),
];
