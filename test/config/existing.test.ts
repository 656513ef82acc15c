/** The manifests in force: whatever people keep in their folders, what is a ServiceEntry of it is read, and what is broken is said. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { readExisting } from "../../lib/config/existing.ts";
import { ScoutError } from "../../lib/errors.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "existing-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}
const manifest = (name: string, spec: unknown = {}, change: object = {}) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "ServiceEntry",
  metadata: { name, namespace: "shop" },
  spec: { hosts: [`${name}.example.com`], ...(spec as object) },
  ...change,
});
/** JSON is YAML. */
const documents = (...all: unknown[]) => all.map((one) => JSON.stringify(one)).join("\n---\n");
const read = (text: string) => readExisting([put("manifests.yaml", text)]);
const names = ({ entries }: ReturnType<typeof readExisting>) => entries.map(({ name }) => name);

describe("a ServiceEntry", () => {
  it("is read as kubectl writes it", () => {
    const { entries, warnings } = read(`
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: pay
  namespace: shop
  annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" }
spec:
  hosts: [Pay.Example.ORG, "*.cdn.example.org"]
  addresses: [203.0.113.7, 198.51.100.0/24, "2001:DB8:0::1"]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: STATIC
  endpoints:
  - address: 192.0.2.1
    ports: { tls: 8443 }
  - address: backend.example.org
  - address: unix:///var/run/x.sock
  - labels: { app: x }
status:
  addresses: [{ value: 240.240.0.9, host: pay.example.org }, { value: "2001:2::9" }]
  conditions: []
`);
    expect(warnings).toEqual([]);
    expect(entries).toMatchObject([
      {
        place: { document: 0, item: null },
        namespace: "shop",
        name: "pay",
        hosts: ["pay.example.org", "*.cdn.example.org"],
        addresses: ["203.0.113.7", "198.51.100.0/24", "2001:db8::1", "240.240.0.9", "2001:2::9"],
        endpoints: ["192.0.2.1"],
      },
    ]);
  });

  it.each(["v1", "v1beta1", "v1alpha3"])("of %s", (version) => {
    const one = manifest("pay", {}, { apiVersion: `networking.istio.io/${version}` });
    expect(names(read(documents(one)))).toEqual(["pay"]);
  });

  it("without a namespace is in `default`, without anything but a name holds nothing", () => {
    const text = "{ apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: { name: pay }, spec: {} }";
    expect(read(text).entries).toMatchObject([
      { namespace: "default", name: "pay", hosts: [], addresses: [], endpoints: [], text },
    ]);
  });

  it.each([
    ["another kind", manifest("pay", {}, { kind: "VirtualService" })],
    ["another group", manifest("pay", {}, { apiVersion: "networking.evil.io/v1" })],
    ["a group that only begins like Istio's", manifest("pay", {}, { apiVersion: "networking.istio.io.evil/v1" })],
    ["no name", manifest("pay", {}, { metadata: { namespace: "shop" } })],
    ["no spec", { ...manifest("pay"), spec: null }],
    ["a text", "ServiceEntry"],
    ["a number", 42],
    ["null", null],
    ["a list", [manifest("pay")]],
  ])("is not %s, which is passed over without a word", (_, one) => {
    expect(read(documents(one, manifest("good")))).toMatchObject({ entries: [{ name: "good" }], warnings: [] });
  });
});

describe("its hosts", () => {
  const hosts = (...all: unknown[]) => read(documents(manifest("pay", { hosts: all }))).entries[0]?.hosts;

  it("are canonical, wildcards too", () => {
    expect(hosts("API.Example.com.", "*.Example.com", "xn--80ak6aa92e.com")).toEqual([
      "api.example.com",
      "*.example.com",
      "xn--80ak6aa92e.com",
    ]);
  });

  it("without those that are none", () => {
    const junk = ["*", "*.", "*.com", "*-api.example.com", "*.*.example.com", "a b.com", "", "single", "203.0.113.7"];
    expect(hosts(...junk, "<!here>.example.com", "a\nb.example.com", "-a.example.com", "good.example.com")).toEqual([
      "good.example.com",
    ]);
  });

  it("without what is no text: the others stay", () => {
    expect(hosts(42, null, "good.example.com", { a: 1 }, ["x.example.com"], true)).toEqual(["good.example.com"]);
    expect(read(documents(manifest("pay", { hosts: "one.example.com" }))).entries[0]?.hosts).toEqual([]);
  });

  it("addresses and endpoints lose what is none as well, and nothing else", () => {
    const spec = {
      addresses: [7, null, "203.0.113.7"],
      endpoints: [null, 3, { address: 4 }, { address: "192.0.2.1" }],
    };
    const status = { addresses: [null, {}, { value: 5 }, { value: "240.240.0.9" }] };
    expect(read(documents(manifest("pay", spec, { status }))).entries).toMatchObject([
      { addresses: ["203.0.113.7", "240.240.0.9"], endpoints: ["192.0.2.1"] },
    ]);
    for (const odd of [null, 3, "x", { addresses: null }, { addresses: 3 }]) {
      expect(names(read(documents(manifest("pay", {}, { status: odd })))), JSON.stringify(odd)).toEqual(["pay"]);
    }
  });
});

it("a name that Kubernetes would refuse is printable", () => {
  const metadata = { name: "<!here>\u001b[2J", namespace: "a\nb" };
  const [one] = read(documents(manifest("pay", {}, { metadata }))).entries;
  expect(one).toMatchObject({ name: "\\u003c!here\\u003e\\u001b[2J", namespace: "a\\u000ab" });
});

describe("lists", () => {
  it.each(["List", "ServiceEntryList"])("of kind %s", (kind) => {
    const items = [manifest("one"), { kind: "Pod", apiVersion: "v1" }, null, manifest("two")];
    expect(names(read(documents({ apiVersion: "v1", kind, items }, manifest("three"))))).toEqual([
      "one",
      "two",
      "three",
    ]);
  });

  it("tells where each of its entries is written, for a patch; in a List of Lists nobody looks", () => {
    const list = (items: unknown[]) => ({ apiVersion: "v1", kind: "List", items });
    const { entries, objects } = read(
      documents(manifest("a"), list([{ kind: "Pod" }, manifest("b"), list([manifest("c")])])),
    );
    expect(entries.map(({ name, place }) => [name, place])).toEqual([
      ["a", { document: 0, item: null }],
      ["b", { document: 1, item: 1 }],
      ["c", null],
    ]);
    expect(objects.map(({ document }) => document)).toEqual([0, 1, 1, 1]);
    expect(objects[0]?.file).toMatch(/manifests\.yaml$/);
  });

  it("of JSON, as `kubectl get -o json` writes it", () => {
    const text = JSON.stringify({ apiVersion: "v1", kind: "List", items: [manifest("one")] }, null, 4);
    expect(names(readExisting([put("all.json", text)]))).toEqual(["one"]);
  });

  it("of nothing", () => {
    expect(read(documents({ apiVersion: "v1", kind: "List", items: [] }))).toEqual({
      entries: [],
      objects: [],
      warnings: [],
    });
    expect(read(documents({ apiVersion: "v1", kind: "List" }))).toMatchObject({ entries: [], warnings: [] });
  });
});

describe("files and folders", () => {
  it("are read in order, folders with all that is below them and is YAML or JSON", () => {
    put("all/b.yaml", documents(manifest("b")));
    put("all/a.yml", documents(manifest("a")));
    put("all/deep/er/c.json", documents(manifest("c")));
    put("all/e.YAML", documents(manifest("e")));
    put("all/README.md", documents(manifest("readme")));
    put("all/d.yaml.bak", documents(manifest("bak")));
    const first = put("z.txt", documents(manifest("z")));
    expect(names(readExisting([first, join(folder, "all")]))).toEqual(["z", "a", "b", "c", "e"]);
  });

  it("each once, though it is given twice", () => {
    const file = put("all/a.yaml", documents(manifest("a")));
    expect(names(readExisting([file, join(folder, "all"), file]))).toEqual(["a"]);
  });

  it("of which there are none", () => {
    mkdirSync(join(folder, "empty"));
    expect(readExisting([])).toEqual({ entries: [], objects: [], warnings: [] });
    const empty = join(folder, "empty");
    const warnings = [`--existing: ${empty} is a folder without .yaml, .yml and .json files`];
    expect(readExisting([empty, empty])).toEqual({ entries: [], objects: [], warnings });
    for (const text of ["", "\n", "# nothing\n", "---\n---\n", "\ufeff"]) {
      expect(read(text), JSON.stringify(text)).toEqual({ entries: [], objects: [], warnings: [] });
    }
  });

  it("that are not there are a mistake of whoever asked", () => {
    const file = put("a.yaml", documents(manifest("a")));
    const fault = (path: string) => {
      try {
        return readExisting([file, path]);
      } catch (thrown) {
        return thrown;
      }
    };
    const missing = fault(join(folder, "nowhere"));
    expect(missing).toBeInstanceOf(ScoutError);
    expect(missing).toMatchObject({ code: "usage", message: `--existing: ${folder}/nowhere cannot be read (ENOENT)` });
    expect(fault(join(file, "below"))).toMatchObject({ code: "usage", message: expect.stringContaining("ENOTDIR") });
    expect(fault("nul\0byte")).toMatchObject({ code: "usage" });
    // Root reads everything.
    chmodSync(file, 0);
    if (process.getuid?.() !== 0) expect(fault(file)).toMatchObject({ code: "usage" });
  });
});

describe("what is broken", () => {
  const good = documents(manifest("good"));

  it.each([
    ["no YAML", "{ this is: [no YAML"],
    ["one key twice", "a: 1\na: 2"],
    ["an alias of nothing", "a: *nothing"],
    ["a tab for a space", "a:\n\tb: 1"],
  ])("%s: is said with its place, and the rest is used", (_, text) => {
    const { entries, warnings } = read(`${good}\n---\n${text}\n---\n${documents(manifest("late"))}`);
    expect(entries.map(({ name }) => name)).toEqual(["good", "late"]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^--existing: document 1 of .*manifests\.yaml is no YAML and is passed over \(line \d: [\x20-\x7e]+\)$/,
      ),
    ]);
  });

  it("an anchor that stands for itself a billion times costs nothing but its document", () => {
    const levels = "abcdefghi".split("");
    const lines = levels.slice(1).map((name, n) => `${name}: &${name} [${Array(10).fill(`*${levels[n]}`).join(",")}]`);
    const { entries, warnings } = read(`a: &a [${Array(10).fill("x").join(",")}]\n${lines.join("\n")}\n---\n${good}`);
    expect(entries.map(({ name }) => name)).toEqual(["good"]);
    expect(warnings).toEqual([expect.stringMatching(/document 0 of .*\(line 1: Excessive alias count/)]);
  });

  it("aliases that people use are followed", () => {
    const text = `hosts: &hosts [pay.example.org]\nkind: ServiceEntry\napiVersion: networking.istio.io/v1
metadata: { name: pay }\nspec: { hosts: *hosts }`;
    expect(read(text)).toMatchObject({ entries: [{ hosts: ["pay.example.org"] }], warnings: [] });
  });

  it.each(["[", "{a: ", "- "])("a document that is nothing but %j, thousands deep", (piece) => {
    const { entries } = readExisting([put("deep.yaml", piece.repeat(20_000)), put("good.yaml", good)]);
    expect(entries.map(({ name }) => name)).toEqual(["good"]);
  });

  test("no text makes it throw, and what it gives is printable", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        good,
        "---\n",
        "&a ",
        "*a",
        "[",
        "]",
        "{",
        "}",
        ": ",
        "- ",
        "\n",
        "!!binary x",
        "%TAG ! x\n",
        "? ",
        "| \n",
      ),
      fc.string({ unit: "binary", maxLength: 20 }),
    );
    const file = join(folder, "any.yaml");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        writeFileSync(file, pieces.join(""));
        const { entries, warnings } = readExisting([file]);
        for (const one of entries)
          expect(JSON.stringify([one.name, one.namespace, one.hosts])).toMatch(/^[\x20-\x7e]*$/);
        for (const one of warnings) expect(one).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });
});

test("10,000 documents in one file", () => {
  const all = Array.from({ length: 10_000 }, (_, n) => manifest(`e${n}`, { addresses: ["203.0.113.7"] }));
  const { entries, warnings } = read(documents(...all));
  expect([entries.length, warnings]).toEqual([10_000, []]);
  expect(entries.at(-1)?.hosts).toEqual(["e9999.example.com"]);
});
