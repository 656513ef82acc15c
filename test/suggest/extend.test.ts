import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Document, parse, parseAllDocuments } from "yaml";
import { type Change, extend, manifestAt, open, type Place } from "../../lib/suggest/extend.ts";

const first: Place = { document: 0, item: null };
const port = { number: 8443, name: "tls-8443", protocol: "TLS" };

/** The text after the change; fails with the reason where there is none. */
function changed(text: string, change: Change, place: Place = first): string {
  const made = extend(text, place, change);
  if ("why" in made) throw new Error(made.why);
  return made.text;
}
const why = (text: string, change: Change, place: Place = first): string => {
  const made = extend(text, place, change);
  return "why" in made ? made.why : "";
};

const commented = `# Payments: who we pay with. Ask #payments.
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: stripe, namespace: shop}   # one line
spec:
  hosts:
  - api.stripe.com  # the API
  # - old.stripe.com
  ports:
  - number: 443 # as ever
    name: https
    protocol: TLS

  # until they move
  resolution: DNS
  location: MESH_EXTERNAL
`;

describe("a port joins a ServiceEntry in a file", () => {
  it("as one more entry, with every comment and blank line where it was", () => {
    expect(changed(commented, { ports: [port] })).toBe(
      commented.replace(
        "    protocol: TLS\n",
        "    protocol: TLS\n  - number: 8443\n    name: tls-8443\n    protocol: TLS\n",
      ),
    );
  });

  it("as do hosts and addresses, a list that is not there beside the hosts", () => {
    const change = { hosts: ["files.stripe.com"], addresses: ["203.0.113.7"], ports: [port] };
    expect(changed(commented, change)).toBe(
      commented
        .replace("# the API\n", '# the API\n  - files.stripe.com\n  addresses:\n  - "203.0.113.7"\n')
        .replace("    protocol: TLS\n", "    protocol: TLS\n  - number: 8443\n    name: tls-8443\n    protocol: TLS\n"),
    );
  });

  it.each<[string, string, string]>([
    [
      "the last one's order, indentation and quotes",
      "spec:\n    ports:\n        -   name: 'web'\n            protocol: \"HTTP\"\n            number: 80\n",
      "spec:\n    ports:\n        -   name: 'web'\n            protocol: \"HTTP\"\n            number: 80\n        -   name: 'tls-8443'\n            protocol: \"TLS\"\n            number: 8443\n",
    ],
    [
      "flow maps",
      "spec:\n  ports:\n    - { number: 80, name: http, protocol: HTTP }\n",
      "spec:\n  ports:\n    - { number: 80, name: http, protocol: HTTP }\n    - { number: 8443, name: tls-8443, protocol: TLS }\n",
    ],
    [
      "a list in one line",
      "spec: {ports: [{number: 80, name: http, protocol: HTTP}], hosts: [a.example]} # x\n",
      "spec: {ports: [{number: 80, name: http, protocol: HTTP}, {number: 8443, name: tls-8443, protocol: TLS}], hosts: [a.example]} # x\n",
    ],
    [
      "JSON",
      '{\n  "spec": {\n    "ports": [\n      { "number": 80, "name": "http", "protocol": "HTTP" }\n    ]\n  }\n}\n',
      '{\n  "spec": {\n    "ports": [\n      { "number": 80, "name": "http", "protocol": "HTTP" },\n      { "number": 8443, "name": "tls-8443", "protocol": "TLS" }\n    ]\n  }\n}\n',
    ],
    [
      "Windows' line ends",
      "spec:\r\n  ports:\r\n  - number: 80\r\n    name: http\r\n  hosts: [a.example]\r\n",
      "spec:\r\n  ports:\r\n  - number: 80\r\n    name: http\r\n  - number: 8443\r\n    name: tls-8443\r\n    protocol: TLS\r\n  hosts: [a.example]\r\n",
    ],
    [
      "a file without a last line end",
      "spec:\n  ports:\n  - number: 80\n    name: http",
      "spec:\n  ports:\n  - number: 80\n    name: http\n  - number: 8443\n    name: tls-8443\n    protocol: TLS",
    ],
    [
      "an anchor of its own",
      "spec:\n  ports: &ports\n  - &http\n    number: 80\n    name: http\n  - &web { number: 81, name: web }\n",
      "spec:\n  ports: &ports\n  - &http\n    number: 80\n    name: http\n  - &web { number: 81, name: web }\n  - { number: 8443, name: tls-8443, protocol: TLS }\n",
    ],
  ])("in the style of the file: %s", (_, text, wanted) => {
    expect(changed(text, { ports: [port] })).toBe(wanted);
  });

  it("as hosts do, quoted as the last one is", () => {
    const hosts = (list: string) => changed(`spec:\n  hosts:\n${list}`, { hosts: ["b.example.com", "1e100.net"] });
    expect(hosts("  - a.example\n")).toBe('spec:\n  hosts:\n  - a.example\n  - b.example.com\n  - "1e100.net"\n');
    expect(hosts('    - "a.example"\n')).toBe(
      'spec:\n  hosts:\n    - "a.example"\n    - "b.example.com"\n    - "1e100.net"\n',
    );
    expect(hosts("    - 'a.example'\n")).toContain("    - 'b.example.com'\n    - '1e100.net'\n");
    const flow = changed("spec: { hosts: [a.example] }\n", { hosts: ["b.example"], addresses: ["203.0.113.7"] });
    expect(flow).toBe('spec: { addresses: ["203.0.113.7"], hosts: [a.example, b.example] }\n');
    const json = changed('{"spec":{"hosts":["a.example"]}}', { addresses: ["203.0.113.7"] });
    expect(JSON.parse(json)).toEqual({ spec: { addresses: ["203.0.113.7"], hosts: ["a.example"] } });
  });

  it("in a list of its own where there is none", () => {
    expect(parse(changed("spec:\n  hosts: [a.example]\n", { ports: [port] }))).toEqual({
      spec: { hosts: ["a.example"], ports: [port] },
    });
  });

  it("without a protocol where it has none", () => {
    expect(
      parse(changed(commented, { ports: [{ number: 9000, name: "auto-9000", protocol: null }] })).spec.ports[1],
    ).toEqual({
      number: 9000,
      name: "auto-9000",
    });
  });
});

describe("the place", () => {
  const stream = `%YAML 1.1\n---\nkind: Namespace\n---\n${commented}---\n${commented.replace("stripe\n", "other\n")}...\n`;

  it("is one document of many, or an item of a list, and the rest stays to the byte", () => {
    const text = changed(stream, { ports: [port] }, { document: 2, item: null });
    expect(text.startsWith(stream.slice(0, stream.lastIndexOf("# Payments")))).toBe(true);
    expect(parseAllDocuments(text).map((one) => (one.toJS() as { spec?: { ports: [] } }).spec?.ports.length)).toEqual([
      undefined,
      1,
      2,
    ]);
    const list = "kind: List\nitems:\n- spec: { ports: [ { number: 1 } ] }\n- spec:\n    ports:\n    - number: 2\n";
    expect(changed(list, { ports: [{ number: 3, name: "x", protocol: null }] }, { document: 0, item: 1 })).toBe(
      `${list}    - number: 3\n      name: x\n`,
    );
    expect(manifestAt(open(list), { document: 0, item: 1 })).toEqual({ spec: { ports: [{ number: 2 }] } });
  });

  it.each<[string, Place]>([
    [stream, { document: 7, item: null }],
    [stream, { document: 1, item: 0 }],
    ["a: [", first],
    ["", first],
    ["just text", first],
    [`a: &a [1]\nb: [${"*a, ".repeat(200)}]`, first],
  ])("may not be there", (text, place) => {
    expect(manifestAt(open(text), place)).toBeNull();
    expect(why(text, { ports: [port] }, place)).toBe("there is no manifest to read at that place");
  });
});

describe("is left alone, with the reason,", () => {
  it.each([
    ["an empty list", "spec:\n  hosts: [a.example]\n  ports: []\n"],
    ["a list that is an alias", "x: &p\n  - number: 80\nspec:\n  ports: *p\n"],
    ["a list whose last entry is an alias", "x: &p { number: 80 }\nspec:\n  ports:\n  - *p\n"],
    ["a list that another place shares", "spec:\n  ports: &p\n  - number: 80\nother: *p\n"],
    ["an entry below its dash", "spec:\n  ports:\n  -\n    number: 80\n"],
    ["more on the last line", "spec: {ports: [{number: 80}\n ]\n , x: 1"],
    ["a spec of another kind", "spec: text\n"],
  ])("%s", (_, text) => {
    const change = text.includes("ports") ? { ports: [port] } : { ports: [port], addresses: ["203.0.113.7"] };
    expect(why(text, change)).not.toBe("");
  });
});

describe("whatever the manifest and however it is written", () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const manifest = fc.record({
    kind: fc.constant("ServiceEntry"),
    metadata: fc.record({ name: word, labels: fc.dictionary(word, fc.string({ maxLength: 8 })) }),
    spec: fc.record({
      hosts: fc.array(word, { minLength: 1, maxLength: 3 }),
      ports: fc.array(
        fc.record(
          { number: fc.integer({ min: 1, max: 65535 }), name: word, protocol: word },
          { requiredKeys: ["number"] },
        ),
        {
          minLength: 1,
          maxLength: 3,
        },
      ),
      exportTo: fc.array(word, { minLength: 1, maxLength: 2 }),
    }),
  });
  const style = fc.record({
    indent: fc.constantFrom(2, 3, 4),
    indentSeq: fc.boolean(),
    collectionStyle: fc.constantFrom("any" as const, "flow" as const, "block" as const),
    defaultStringType: fc.constantFrom(
      "PLAIN" as const,
      "QUOTE_DOUBLE" as const,
      "QUOTE_SINGLE" as const,
      "BLOCK_LITERAL" as const,
    ),
    flowCollectionPadding: fc.boolean(),
  });

  it("adds what is asked for and changes nothing else, or says why", () => {
    let done = 0;
    fc.assert(
      fc.property(
        fc.array(manifest, { minLength: 1, maxLength: 3 }),
        style,
        fc.nat(2),
        fc.boolean(),
        (all, how, at, crlf) => {
          const text = all.map((one) => `# before\n${new Document(one).toString(how)}# behind\n`).join("---\n");
          const written = crlf ? text.replaceAll("\n", "\r\n") : text;
          const document = at % all.length;
          const before = manifestAt(open(written), { document, item: null });
          const made = extend(written, { document, item: null }, { hosts: ["new.example"], ports: [port] });
          if ("why" in made) return;
          done += 1;
          const whole = parseAllDocuments(made.text).map((one) => one.toJS() as unknown);
          const old = parseAllDocuments(written).map((one) => one.toJS() as unknown);
          expect(whole.length).toBe(old.length);
          const spec = before!.spec as { hosts: string[]; ports: unknown[] };
          old[document] = {
            ...before,
            spec: { ...spec, hosts: [...spec.hosts, "new.example"], ports: [...spec.ports, port] },
          };
          expect(whole).toEqual(old);
          for (const comment of ["# before", "# behind"]) {
            expect(made.text.split(comment).length).toBe(written.split(comment).length);
          }
        },
      ),
      { numRuns: 600 },
    );
    expect(done).toBeGreaterThan(400);
  });

  it("throws nothing, whatever the text", () => {
    const pieces = fc.constantFrom(
      "spec:",
      "\n",
      "  ",
      "ports:",
      "- ",
      "{",
      "}",
      "[",
      "]",
      "number: 1",
      "&a ",
      "*a",
      "|",
      "#",
      ",",
      "---\n",
      "\t",
      "? ",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), (all) => {
        const made = extend(all.join(""), first, { ports: [port], addresses: ["203.0.113.7"] });
        expect("why" in made || "text" in made).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
