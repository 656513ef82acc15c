import { expect, it } from "vitest";
import type { Sighting } from "../../lib/model.ts";
import { mostImportant } from "../../lib/picture/important.ts";

const seen = (
  key: string,
  verdict: "allowed" | "blocked",
  firstSeen: number,
  lastSeen = 9,
): { sighting: Sighting } => ({
  sighting: {
    ...{ key, firstSeen, lastSeen, count: 1, total: 1, name: null, namedAt: 0 },
    source: { cluster: "prod", namespace: "shop", workload: key },
    destination: { verdict, protocol: "tls", host: "a.example.com", address: null, port: 443, sni: null, claim: null },
  },
});
const all = [
  seen("old", "allowed", 1, 2),
  seen("old but called", "allowed", 1, 3),
  seen("open", "allowed", 0, 0),
  seen("new", "allowed", 8),
  seen("blocked", "blocked", 1),
];
const chosen = (most: number) => mostImportant(all, new Set(["open"]), most).map(({ sighting }) => sighting.key);

it("what is open comes first, then what is blocked, what is new, and what was called last; the order stays", () => {
  expect(chosen(1)).toEqual(["open"]);
  expect(chosen(2)).toEqual(["open", "blocked"]);
  expect(chosen(3)).toEqual(["open", "new", "blocked"]);
  expect(chosen(4)).toEqual(["old but called", "open", "new", "blocked"]);
  expect(mostImportant(all, new Set(), 5)).toEqual(all);
});
