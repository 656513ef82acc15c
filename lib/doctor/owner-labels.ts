/** Are the labels there that owner rules read? */
import type { Telemetry } from "../poll/telemetry.ts";
import { fail, listed, ok, type Said, skip, warn } from "./check.ts";

const usual = "kube_namespace_labels";
const allow = "let kube-state-metrics tell it: --metric-labels-allowlist=namespaces=[team]";

export async function checkOwnerLabels(
  telemetry: Telemetry,
  rules: readonly { metric: string; name: string }[],
  matchers: string,
  at: number,
): Promise<Said> {
  if (rules.length === 0) {
    const [there] = await telemetry.vector(`count(${usual}{${matchers}})`, at);
    const found = `no owner rule reads a label; ${usual} ${there === undefined ? "is not there" : "is there, for one that would"}`;
    return skip(found, "Owners come from the config's rules alone.");
  }
  const odd = rules.filter(({ metric, name }) => !/^[a-zA-Z_:][\w:]*$/.test(metric) || !/^[a-zA-Z_]\w*$/.test(name));
  if (odd.length > 0) {
    return fail(
      `${odd.length} of the owner rules' labels are no names of Prometheus`,
      "Such a rule never applies.",
      "owners[].label takes { metric: kube_namespace_labels, name: label_team }",
    );
  }
  const counts = await Promise.all(rules.map((rule) => countOf(telemetry, rule, matchers, at)));
  const texts = counts.map(({ metric, name, labelled, all }) =>
    all === 0 ? `${metric} is not there` : `${metric} has ${name} on ${labelled} of ${all}`,
  );
  if (counts.every(({ labelled, all }) => all > 0 && labelled === all)) {
    return ok(listed(texts), "Every namespace tells its team.");
  }
  return warn(
    listed(texts),
    "What belongs to the others falls to the next owner rule, in the end to the default.",
    allow,
  );
}

async function countOf(telemetry: Telemetry, rule: { metric: string; name: string }, more: string, at: number) {
  const [all, labelled] = await Promise.all(
    ["", `${rule.name}!="",`].map(
      async (own) => (await telemetry.vector(`count(${rule.metric}{${own}${more}})`, at))[0],
    ),
  );
  return { ...rule, all: all?.value ?? 0, labelled: labelled?.value ?? 0 };
}
