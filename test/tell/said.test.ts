import { expect, it } from "vitest";
import { write } from "../../lib/notify/letters.ts";
import { saidOf } from "../../lib/tell.ts";
import { finding } from "../notify/sample.ts";
import { day, noon } from "../scout-make.ts";

/** The ids of the messages in which a run tells that a verdict on a finding has ended, though nothing is open. */
function ids(to: number): string[] {
  const ended = finding({ id: "f-0", state: "open" });
  const said = saidOf([ended], [], { ruled: new Set(["f-0"]), tellings: new Map(), to });
  return write(said, { cluster: "prod", routes: [], quiet: {}, now: to }).map(({ id }) => id);
}

it("the second end of a verdict on one destination is another message than the first", () => {
  expect(ids(noon)).toHaveLength(1);
  expect(ids(noon)).toEqual(ids(noon));
  expect(ids(noon + day)).not.toEqual(ids(noon));
});
