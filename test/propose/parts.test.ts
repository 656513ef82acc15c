import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bodyOf } from "../../lib/propose/body.ts";
import { changed, commitMessage, isOurs, isSame, mark } from "../../lib/propose/files.ts";
import { code, sentence, spoken, titled } from "../../lib/propose/markdown.ts";
import { contentId, pathOf, slug } from "../../lib/propose/names.ts";
import { type Proposal, proposals } from "../../lib/propose/proposal.ts";
import { type Note, noteOf, withSection } from "../../lib/propose/section.ts";
import { toYaml } from "../../lib/suggest/yaml.ts";
import { finding, hostileValues } from "../notify/sample.ts";

const anything = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...hostileValues));

describe("names", () => {
  it("are safe in a branch and a path, and two of them never one", () => {
    fc.assert(
      fc.property(anything, anything, (one, other) => {
        for (const name of [one, other]) {
          expect(slug(name)).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
          expect(pathOf(name, name)).toMatch(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\/[a-z0-9][a-z0-9.-]*\.yaml$/);
          expect(pathOf(name, name)).not.toContain("..");
        }
        expect(slug(one) === slug(other)).toBe(one === other);
        // Nobody can choose a name that is the slug of another one.
        expect(slug(slug(`${one}!`))).not.toBe(slug(`${one}!`));
      }),
    );
    expect(slug("payments")).toBe("payments");
    expect(slug("Payments")).toMatch(/^payments-[0-9a-f]{16}$/);
  });

  it("of contents are those of Git", () => {
    expect(contentId("", "0".repeat(40))).toBe("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
    expect(contentId("", "0".repeat(64))).toBe("473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813");
  });
});

describe("files", () => {
  const dated = (day: string, host = "a.example") =>
    `metadata:\n  annotations:\n    egress-scout/first-seen: "${day}"\n    egress-scout/review-by: "${day}"\nspec:\n  hosts:\n    - "${host}"\n`;

  it("are the same whatever their dates, and others for all else", () => {
    expect(isSame(dated("2026-11-20"), dated("2027-01-01"))).toBe(true);
    expect(isSame(dated("2026-11-20"), dated("2026-11-20", "b.example"))).toBe(false);
    expect(mark("a", dated("2026-11-20"))).toBe(mark("a", dated("2027-01-01")));
    expect(mark("a", dated("2026-11-20"))).not.toBe(mark("b", dated("2026-11-20")));
  });

  it("tell a commit of ours from one that somebody changed", () => {
    const ids = new Map([["a", "1"]]);
    const commit = { id: "c", parents: ["p"], message: commitMessage("T", ids), isAmended: false };
    expect(isOurs(commit, ids)).toBe(true);
    expect(isOurs(commit, new Map([["a", "2"]]))).toBe(false);
    expect(isOurs({ ...commit, isAmended: true }, ids)).toBe(false);
    expect(isOurs({ ...commit, parents: ["p", "q"] }, ids)).toBe(false);
    expect(isOurs({ ...commit, message: "by hand" }, ids)).toBe(false);
    expect(
      changed(
        new Map([
          ["a", "1"],
          ["b", "1"],
        ]),
        new Map([["a", "2"]]),
      ),
    ).toEqual(
      new Map([
        ["a", "2"],
        ["b", "-"],
      ]),
    );
  });
});

describe("others' words in Markdown", () => {
  it("of persons keep their letters, in a body and a title, and nothing else of what means something", () => {
    expect(spoken("店舗 `|<x>\u202e")).toBe("`店舗 \\u0060\\u007c\\u003cx\\u003e\\u202e`");
    expect(code("店舗")).toBe("`\\u5e97\\u8217`");
    expect(titled("店舗チーム @all")).toBe("店舗チーム _all");
    expect(titled("𠮷".repeat(70))).toBe("𠮷".repeat(60));
  });

  it("stay in one span of code, whatever they are", () => {
    fc.assert(
      fc.property(anything, (text) => {
        for (const one of [code, spoken]) expect(one(text)).toMatch(/^(-|`[^`|<>\n]*[^`|<>\n ][^`|<>\n]*`)$/);
      }),
    );
  });

  it("are text in a sentence: no mention, reference, link, image or tag", () => {
    fc.assert(
      fc.property(anything, (text) => {
        const said = sentence(text).replaceAll("<!-- -->", "+");
        expect(said).not.toMatch(/(?<!\\)[`*_[\]<>|]|[@#!%~&](?!\+)|:\/\/|www\.|\n/);
      }),
    );
    expect(titled("a@b `c` <d>\n")).toBe("a_b _c_ _d_");
  });
});

describe("our part of a body", () => {
  const note: Note = { team: "-->", marks: ["0123456789ab"], facts: "f", closed: false };

  it("is found again, and what is around it stays", () => {
    const first = withSection("Mine.\r\n", note, "ours $& $1");
    expect(noteOf(first)).toEqual(note);
    const next = withSection(`${first}\n\nAlso mine.`, { ...note, facts: "g" }, "new $& $1");
    expect(next).toMatch(
      /^Mine\.\n\n<!-- egress-scout:begin [\w-]+ -->\nnew \$& \$1\n<!-- egress-scout:end -->\n\nAlso mine\.$/,
    );
    expect(first).toContain("ours $& $1");
  });

  it("means nothing where somebody broke it", () => {
    const broken = `${Buffer.from('{"marks":["x"]}').toString("base64url")}`;
    for (const body of ["", "hello", "<!-- egress-scout:begin !!! -->", `<!-- egress-scout:begin ${broken} -->`])
      expect(noteOf(body)).toBeNull();
  });
});

describe("a proposal", () => {
  const of = (team: string, workload: string, name: string) => {
    const one = finding();
    const manifest = { ...one.suggestions[0]!.manifest, metadata: { name, namespace: "shop" } };
    const suggestions = [{ ...one.suggestions[0]!, manifest: manifest as never }];
    const source = { ...one.source, namespace: "shop", workload };
    return { finding: { ...one, source, owner: { ...one.owner, team }, suggestions }, manifest: manifest as never };
  };
  const planned = (all: readonly ReturnType<typeof of>[]) => ({
    ...{
      cluster: "prod",
      window: { from: 0, to: 1 },
      conflicts: ["shop/x takes all of port 443", "shop/y takes more"],
      blind: [],
    },
    flows: all.map((one) => ({ finding: one.finding, isCovered: false, isClosed: true, why: "no entry" })),
    manifests: [
      ...new Map(
        all.map((one) => [(one.manifest as { metadata: { name: string } }).metadata.name, one.manifest]),
      ).values(),
    ],
  });
  const propose = (all: readonly ReturnType<typeof of>[]): Proposal[] =>
    proposals(planned(all), toYaml, (team) => team);

  it("holds a manifest that two teams need once, and the other one is told where it is", () => {
    const both = propose([of("b", "web", "x"), of("a", "cart", "x"), of("b", "web", "y")]);
    expect(both.map(({ team, files }) => [team, ...files.keys()])).toEqual([
      ["a", "shop/x.yaml"],
      ["b", "shop/y.yaml"],
    ]);
    expect(bodyOf(both[0]!, "egress", 60_000)).toContain("| `shop/web` of `b` |");
    expect(bodyOf(both[1]!, "egress", 60_000)).toContain("`shop/x.yaml` is in another pull request");
    expect(bodyOf(both[0]!, "egress", 60_000)).toContain("- shop/x takes all of port 443\n");
    expect(bodyOf(both[0]!, "egress", 60_000)).not.toContain("takes more");
  });

  it("ends its tables at whole rows, and says how many are left out", () => {
    const many = Array.from({ length: 3_000 }, (_, index) => of("a", `web-${index}`, `x-${index % 40}`));
    const [one] = propose(many);
    const body = bodyOf(one!, "egress", 60_000);
    expect(body.length).toBeLessThanOrEqual(60_000);
    expect(body.length).toBeGreaterThan(30_000);
    const rows = body.split("\n").filter((line) => line.startsWith("| `shop/web-"));
    const evidence = rows.filter((line) => line.split("|").length === 8);
    expect(rows.every((line) => line.endsWith(" |"))).toBe(true);
    expect(body).toContain(`\nand ${3_000 - evidence.length} more: \`egress-scout plan\` shows all.\n`);
  });
});
