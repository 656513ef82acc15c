/** What is remembered, planned. */
import { expect, it } from "vitest";
import { planRemembered, type RememberedOrder } from "../../lib/plan/remembered.ts";
import { policiesOf } from "../../lib/policy/index.ts";
import { finding, tls } from "../suggest/make.ts";

const order = (most: number): RememberedOrder => ({
  most,
  settings: {},
  policies: policiesOf([]),
  denials: new Map(),
  objects: [],
  entries: [],
  isGateway: () => false,
});

it("what speaks against a destination is no flow, however many may get a manifest", () => {
  const flow = finding(tls("api.example.com"));
  const doubt = { ...finding(tls("other.example.com")), kind: "name-mismatch" as const };
  for (const most of [0, 1, 2, 9]) {
    const { findings, flows } = planRemembered([flow], [doubt], order(most));
    expect([findings.length, [...flows.keys()]], `${most}`).toEqual([Math.min(most, 1), [flow.key]]);
  }
});
