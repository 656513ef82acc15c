import { describe, expect, it } from "vitest";
import { parsePattern } from "../../lib/policy/index.ts";
import { listOf } from "../../lib/policy/list.ts";
import { mistakes, parsed, smallest } from "../config/make.ts";

const matches = (pattern: string, name: string): boolean => listOf([pattern])(name) !== null;

describe("patterns match as Istio's connection.sni does", () => {
  it.each([
    ["en.wikipedia.org", "en.wikipedia.org"],
    ["EN.Wikipedia.org", "en.wikipedia.org"],
    ["*.wikipedia.org", "en.wikipedia.org"],
    ["*.wikipedia.org", "upload.m.wikipedia.org"],
    ["*.org", "wikipedia.org"],
    ["api.*", "api.example.com"],
    ["api*", "api-7.example.com"],
    ["api*", "api"],
    ["*", "x"],
    ["_dmarc.example.com", "_dmarc.example.com"],
    ["cart", "cart"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
  ])("%s matches %s", (pattern, name) => expect(matches(pattern, name)).toBe(true));

  it.each([
    ["en.wikipedia.org", "de.wikipedia.org"],
    ["en.wikipedia.org", "www.en.wikipedia.org"],
    ["*.wikipedia.org", "wikipedia.org"],
    ["*.wikipedia.org", ".wikipedia.org"],
    ["*.wikipedia.org", "evilwikipedia.org"],
    ["*.wikipedia.org", "en.wikipedia.org.evil.example"],
    ["api.*", "api"],
    ["api.*", "my.api.example.com"],
    ["*", ""],
  ])("%s does not match %j", (pattern, name) => expect(matches(pattern, name)).toBe(false));

  it("tells the first pattern in the list's order, whatever kind it is", () => {
    const name = "en.wikipedia.org";
    expect(listOf(["x.y", "*.org", "en*", name])(name)).toBe("*.org");
    expect(listOf(["en*", "*.org"])(name)).toBe("en*");
    expect(listOf(["*", name])(name)).toBe("*");
    expect(listOf([name, "*"])(name)).toBe(name);
    expect(listOf([])(name)).toBeNull();
  });
});

describe("what is no pattern is a mistake of the config", () => {
  const form = "must be a host name, *.suffix, prefix* or *";
  const policy = (text: string) => smallest(`policies: [{ name: a, deny: [good.example, ${JSON.stringify(text)}] }]`);
  it.each([
    ["a*b.example", `${form}: one star, at the beginning or at the end`],
    ["*.*.example", `${form}: one star, at the beginning or at the end`],
    ["*a*", `${form}: one star, at the beginning or at the end`],
    ["**", `${form}: one star, at the beginning or at the end`],
    ["*example.com", `${form}: *.example.com, since *example.com is notexample.com as well`],
    ["*.", form],
    ["*..example", form],
    ["..*", form],
    ["", `${form}, without port or trailing dot`],
    ["example.com.", `${form}, without port or trailing dot`],
    ["example.com:443", `${form}, without port or trailing dot`],
    ["https://example.com", `${form}, without port or trailing dot`],
    ["-a.example", `${form}, without port or trailing dot`],
    ["203.0.113.7", `${form}: policies compare names, and an address is none`],
    ["2001:db8::1", `${form}: policies compare names, and an address is none`],
    ["bücher.example", `${form} in ASCII: xn--bcher-kva.example`],
    ["*.Bücher.example", `${form} in ASCII: *.xn--bcher-kva.example`],
    ["a b.example", `${form} in ASCII`],
    [`${"a".repeat(64)}.example`, `${form}, without port or trailing dot`],
    [`${"a.".repeat(130)}example`, `${form}, of 253 characters at most`],
  ])("%j", (text, mistake) => {
    expect(mistakes(policy(text))).toEqual([`policies[0].deny[1]: ${mistake}`]);
    expect(parsePattern(text)).toHaveProperty("fault");
  });

  it("tells all of them at once, with policies that have no list or a name twice", () => {
    const text = `policies:
  - { name: a, allow: ["a*b", ok.example], deny: ["**"] }
  - { name: a }
  - { name: b, allow: [] }`;
    expect(mistakes(smallest(text))).toEqual([
      expect.stringContaining("policies[0].allow[0]: "),
      expect.stringContaining("policies[0].deny[0]: "),
      "policies[1].name: a second policy of that name",
      "policies[1]: neither allow nor deny: it would decide nothing",
    ]);
  });

  it("takes every form, capitals too", () => {
    const list = '["a.example", "*.B.example", "api*", "api.*", "*", "_x.example", "localhost"]';
    expect(parsed(smallest(`policies: [{ name: a, allow: ${list} }]`)).policies).toHaveLength(1);
  });
});
