/** A name that contradicts its address is told once, and speaks against its domain for as long as it does so. */
import { expect, it } from "vitest";
import { trusting } from "../lib/enrich/trusted.ts";
import { fakeResolver } from "./enrich/fake-resolver.ts";
import { hour, minute, noon, requested, world } from "./scout-make.ts";

const quarter = 15 * minute;
const at = (host: string, address: string, ...calls: number[]) =>
  requested(host, calls, { destination_address: `${address}:80` });

it.each([
  ["a wildcard is offered for names that all agree", "198.51.100.1", true],
  ["no wildcard rests on a name found contradicted by an earlier run", "203.0.113.50", false],
])("%s", async (_, answer, isOffered) => {
  const later = ["a", "b", "c"];
  const one = world(
    requested("known.example.org", [noon - hour]),
    at("first.example.com", "198.51.100.1", noon + minute, noon + quarter + minute),
    ...later.map((name, index) => at(`${name}.example.com`, `203.0.113.${index}`, noon + quarter + 2 * minute)),
  );
  one.parts.trusting = trusting([], ["example.com"]);
  one.parts.resolver = fakeResolver({
    "4 first.example.com": [answer],
    ...Object.fromEntries(later.map((name, index) => [`4 ${name}.example.com`, [`203.0.113.${index}`]])),
  });
  await one.run(noon);
  await one.run(noon + quarter);
  const { findings } = await one.run(noon + 2 * quarter);
  const found = findings.filter(({ kind }) => kind === "new-destination");
  expect(found.map(({ destination }) => destination.host)).toEqual(later.map((name) => `${name}.example.com`));
  for (const { suggestions } of found)
    expect(JSON.stringify(suggestions.map(({ manifest }) => manifest)).includes("*.example.com")).toBe(isOffered);
});
