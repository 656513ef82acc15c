/** What tests of `plan --pull-request` share: a past with three callers in a real Prometheus, and a config with a repository. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { planSchema } from "../../lib/report/plan-schema.ts";
import { startDns } from "../tools/dns.ts";
import { holdPast } from "./past.ts";
import { type RunOptions, runScout } from "./run-scout.ts";

const minute = 60_000;
const begin = Date.UTC(2026, 10, 20, 6);
export const middle = begin + 60 * minute;
export const end = begin + 120 * minute;
/** A team whose name a label chose, and that means to leave its cell, ping everybody and be a branch of another one. */
export const hostileTeam = "../main | @everyone `x` <img src=//evil.example/x> #1 -->";

export async function heldPlan() {
  const held = await holdPast(
    (mesh, timetable) => {
      const checkout = mesh.pod({ namespace: "payments", workload: "checkout" });
      const web = mesh.pod({ namespace: "shop", workload: "web" });
      timetable.every({ from: begin + minute, to: end, everyMs: 10 * minute }, () => {
        checkout.tls({ sni: "api.stripe.com", to: "198.51.100.7:443", times: 2 });
        web.http({ host: "cdn.example.net", to: "198.51.100.20:80" });
        web.http({ host: "`</td>@everyone|#1<!-- ", to: "198.51.100.66:80" });
      });
      timetable.every({ from: middle + minute, to: end, everyMs: 10 * minute }, () =>
        checkout.tls({ sni: "api.paypal.com", to: "198.51.100.9:443" }),
      );
    },
    { from: begin, to: end, everyMs: 30_000 },
  );
  const dns = await startDns({});
  const existing = join(held.dir, "existing");
  mkdirSync(existing);
  const config = join(held.dir, "egress-scout.yaml");
  const common = ["plan", "--config", config, "--dns", dns.server, "--since", "2h", "--state", "memory:"];
  return {
    dir: held.dir,
    existing,
    /** @param pullRequests of the config; `teams` are payments' reviewers and more */
    configure(pullRequests: object, teams: object = { payments: { reviewers: ["alice", "acme/payments"] } }) {
      const owners = [
        { match: { namespace: "payments" }, team: "payments" },
        { match: { namespace: "shop" }, team: hostileTeam },
      ];
      const clusters = [{ name: "prod-eu", prometheus: { url: held.prometheus.url } }];
      writeFileSync(config, JSON.stringify({ clusters, owners, teams, pullRequests }));
    },
    run: async (at: number, args: readonly string[], env: RunOptions["env"] = {}) =>
      await runScout([...common, "--at", `${at / 1000}`, "--existing", existing, ...args], { env }),
    /** The manifests of a plan up to then are in force, and no others. */
    async apply(at: number) {
      rmSync(existing, { recursive: true });
      mkdirSync(existing);
      const { stdout } = await runScout([...common, "--at", `${at / 1000}`, "--format", "yaml"]);
      writeFileSync(join(existing, "all.yaml"), stdout);
    },
    nothingInForce() {
      rmSync(existing, { recursive: true });
      mkdirSync(existing);
    },
    async stop() {
      await dns.stop();
      await held.stop();
    },
  };
}

export type HeldPlan = Awaited<ReturnType<typeof heldPlan>>;

/** What became of the pull requests, by team. */
export function becameOf(stdout: string) {
  const { pullRequests = [] } = planSchema.parse(JSON.parse(stdout));
  return { all: pullRequests, states: Object.fromEntries(pullRequests.map((one) => [one.team, one.state])) };
}
