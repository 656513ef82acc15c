import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ScoutError } from "../../lib/errors.ts";
import type { Finding, FindingKind } from "../../lib/model.ts";
import { alertmanager } from "../../lib/notify/alertmanager.ts";
import { channelContract } from "../contract/channel.ts";
import { alertmanagerReceiver, alertmanagerSecrets, postedAlerts } from "../receivers/alertmanager.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { type Alertmanager, startAlertmanager } from "../tools/alertmanager.ts";
import { tempFolder } from "../tools/temp.ts";
import { receiptBook } from "./receipt-book.ts";
import { at, finding, hostile, hostileValues, many, message } from "./sample.ts";

const name = "the-channel";
const hour = 60 * 60_000;
const { username, password } = alertmanagerSecrets;
const pair = Buffer.from(`${username}:${password}`).toString("base64");
const standing = (...open: string[]) => ({ open: new Set(open), silenced: new Set<string>() });
const settings = { name, headers: {}, basic: { username, password }, firing: 4 * hour, wait: async () => {} };

channelContract("alertmanager", async ({ timeout }) => {
  const receiver = await alertmanagerReceiver();
  return {
    channel: alertmanager({ ...settings, url: receiver.url, timeout, now: () => at }),
    receiver,
    secrets: [password, pair],
    manifests: (body) => postedAlerts(body).flatMap(({ annotations }) => annotations.manifest ?? []),
    text: (body) =>
      postedAlerts(body)
        .flatMap(({ annotations: { summary, description, message: id } }) => [summary, description, id])
        .join("\n"),
    tries: 2,
    posts: (count) => Math.max(1, Math.ceil(count / 256)),
  };
});

describe("alertmanager", () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await alertmanagerReceiver();
  });
  afterEach(() => receiver.close());
  const open = (change: Partial<Parameters<typeof alertmanager>[0]> = {}) =>
    alertmanager({ ...settings, url: receiver.url, now: () => at, ...change });
  const failure = async (sent: Promise<void>): Promise<ScoutError> => {
    const thrown = await sent.catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ScoutError);
    return thrown as ScoutError;
  };
  const alerts = () => receiver.taken.flatMap(postedAlerts);

  it("has the labels of the contract, and fires for its time from when it is posted", async () => {
    await open({ link: "https://egress.example/", now: () => at + hour }).send(message([finding()]));
    expect(alerts()).toMatchObject([
      {
        labels: {
          alertname: "EgressNewDestination",
          kind: "new-destination",
          severity: "warning",
          team: "payments",
          cluster: "prod-eu",
          namespace: "payments",
          workload: "checkout",
          destination: "api.stripe.com:443",
          finding: "f-4be1c09a77d2",
        },
        startsAt: "2026-11-22T10:04:00.000Z",
        endsAt: "2026-11-22T15:15:00.000Z",
        generatorURL: "https://egress.example/#f-4be1c09a77d2",
      },
    ]);
  });

  it.each<[FindingKind, string]>([
    ["new-destination", "EgressNewDestination"],
    ["new-blocked", "EgressNewBlocked"],
    ["blocked-spike", "EgressBlockedSpike"],
    ["fan-out", "EgressFanOut"],
    ["name-mismatch", "EgressNameMismatch"],
    ["policy-violation", "EgressPolicyViolation"],
    ["entry-bypassed", "EgressEntryBypassed"],
    ["blind", "EgressBlind"],
  ])("calls %s %s", async (kind, alertname) => {
    await open().send(message([finding({ kind })]));
    expect(alerts()[0]?.labels).toMatchObject({ alertname, kind });
  });

  it("tells why a message comes here", async () => {
    await open().send(message([finding()], { note: "It comes here since `slack` could not be told." }));
    expect(alerts()[0]?.annotations.note).toBe("It comes here since \\u0060slack\\u0060 could not be told.");
  });

  it("leaves empty labels out, writes IPv6 so that the port is one, and keeps letters of any script", async () => {
    const blind = finding({
      kind: "blind",
      source: { cluster: "prod-eu", namespace: "", workload: "" },
      destination: { ...finding().destination, host: null, address: "2001:db8::7", sni: null },
      owner: { ...finding().owner, team: "Köln \u202e<!channel>\ud800" },
    });
    await open().send(message([blind]));
    const [{ labels } = { labels: {} }] = alerts();
    expect(Object.keys(labels).sort()).toEqual(
      ["alertname", "cluster", "destination", "finding", "kind", "severity", "team"].sort(),
    );
    expect(labels).toMatchObject({
      destination: "[2001:db8::7]:443",
      team: "Köln \\u202e\\u003c!channel\\u003e\\ud800",
    });
  });

  it("cuts a label at 1,024 characters", async () => {
    await open().send(message([finding({ source: { ...finding().source, workload: "ö".repeat(5000) } })]));
    expect(alerts()[0]?.labels.workload).toBe("ö".repeat(1024));
  });

  it("ends what is resolved, under the labels it was posted with, and keeps no receipt of it", async () => {
    const { book, receipts } = receiptBook();
    await open().send(message([finding()]), receipts());
    expect([...book.keys()]).toEqual(["f-4be1c09a77d2"]);
    const moved = finding({ state: "resolved", owner: { ...finding().owner, team: "shop" } });
    const over = message([moved], { reason: "resolved", at: at + hour });
    await open({ now: () => at + 2 * hour }).send(over, receipts());
    expect(alerts().map(({ labels, endsAt }) => [labels.team, endsAt])).toEqual([
      ["payments", "2026-11-22T14:15:00.000Z"],
      ["payments", "2026-11-22T11:15:00.000Z"],
      ["shop", "2026-11-22T11:15:00.000Z"],
    ]);
    expect(book.size).toBe(0);
  });

  it("ends the alert of a finding that became critical, since its labels are another alert's", async () => {
    const { receipts } = receiptBook();
    await open().send(message([finding()]), receipts());
    const worse = message([finding({ severity: "critical" })], { reason: "changed", at: at + hour });
    await open({ now: () => at + hour }).send(worse, receipts());
    expect(alerts().map(({ labels, endsAt }) => [labels.severity, endsAt])).toEqual([
      ["warning", "2026-11-22T14:15:00.000Z"],
      ["warning", "2026-11-22T11:15:00.000Z"],
      ["critical", "2026-11-22T15:15:00.000Z"],
    ]);
  });

  it("posts again what is open, as it was, and forgets what is not", async () => {
    const { book, receipts } = receiptBook();
    await open().send(message([finding({ id: "lasts" }), finding({ id: "once" })]), receipts());
    const [first] = alerts();
    await open({ now: () => at + 3 * hour }).refresh?.(standing("lasts", "never told"), receipts());
    expect(alerts().slice(2)).toEqual([{ ...first, endsAt: "2026-11-22T17:15:00.000Z" }]);
    expect([...book.keys()]).toEqual(["lasts"]);
    const posts = receiver.got.length;
    await open().refresh?.(standing(), receipts());
    expect(receiver.got).toHaveLength(posts);
  });

  it("ends what somebody silenced, once", async () => {
    const { book, receipts } = receiptBook();
    await open().send(message([finding({ id: "one" }), finding({ id: "two" })]), receipts());
    const silenced = { open: new Set(["one", "two"]), silenced: new Set(["two"]) };
    await open({ now: () => at + hour }).refresh?.(silenced, receipts());
    await open({ now: () => at + 2 * hour }).refresh?.(silenced, receipts());
    expect(
      alerts()
        .slice(2)
        .map(({ labels, endsAt }) => `${labels.finding} ${endsAt}`),
    ).toEqual(["one 2026-11-22T15:15:00.000Z", "two 2026-11-22T11:15:00.000Z", "one 2026-11-22T16:15:00.000Z"]);
    expect([...book.keys()]).toEqual(["one"]);
  });

  it("passes over a receipt that is damaged", async () => {
    const { book, receipts } = receiptBook();
    for (const bad of ["", "{", "[]", "null", '{"labels":{},"annotations":{},"startsAt":"soon","endsAt":""}']) {
      book.set("f-4be1c09a77d2", bad);
      await open().refresh?.(standing("f-4be1c09a77d2"), receipts());
      await open().send(message([finding()]), receipts());
    }
    expect(receiver.faults).toEqual([]);
    expect(alerts()).toHaveLength(5);
  });

  it("posts what comes after alerts that are refused, and says so", async () => {
    receiver.behave({ status: 400, body: JSON.stringify("at least one label pair required") });
    const error = await failure(open().send(message(many(300))));
    expect(error.code).toBe("channel/refused");
    expect(error.message).toContain("at least one label pair required");
    expect(alerts()).toHaveLength(44);
  });

  it.each([
    [401, "auth"],
    [404, "/api/v2"],
    [410, "/api/v2"],
    [413, "larger bodies"],
  ])("says what to do about %i", async (status, mend) => {
    receiver.behave({ status, body: "" });
    expect((await failure(open().send(message([finding()])))).mend).toContain(mend);
  });

  it.each(["nonsense", "ftp://alertmanager/", "http://user:word@alertmanager/"])("refuses the URL %j", async (url) => {
    const error = await failure(open({ url }).send(message([finding()])));
    expect(error.message).toBe("channel the-channel: the url is no http(s) URL");
  });
});

describe("a real Alertmanager", () => {
  const folder = tempFolder("alertmanager");
  let real: Alertmanager;
  beforeAll(async () => {
    // bcrypt of the password, at its cheapest.
    const hash = "$2b$04$abcdefghijklmnopqrstuuZ2FTeAGt42aKwamAVY6Gr6iwTnB8sU6";
    const webConfig = `basic_auth_users: { ${username}: "${hash}" }\n`;
    real = await startAlertmanager(folder.path, { webConfig, authorization: `Basic ${pair}` });
  });
  afterAll(async () => {
    await real.stop();
    folder.remove();
  });
  const now = Date.now();
  const fresh = (change: Partial<Finding>) => finding({ firstSeen: now - hour, lastSeen: now - 60_000, ...change });
  const open = (clock = now, change = {}) =>
    alertmanager({ ...settings, url: `${real.url}/`, now: () => clock, ...change });

  it("fires, is posted again without becoming another, and ends", async () => {
    const { receipts } = receiptBook();
    const own = fresh({ id: "round" });
    await open().send(message([own], { at: now }), receipts());
    const before = (await real.firing()).get("round");
    expect(before).toMatchObject({
      labels: { alertname: "EgressNewDestination", destination: "api.stripe.com:443" },
      annotations: { summary: own.summary, manifest: own.suggestions[0]?.yaml },
      startsAt: new Date(now - hour).toISOString(),
      endsAt: new Date(now + 4 * hour).toISOString(),
      status: { state: "active" },
    });
    await open(now + 1000).refresh?.(standing("round"), receipts());
    const after = (await real.firing()).get("round");
    expect(after).toMatchObject({ startsAt: before?.startsAt, endsAt: new Date(now + 4 * hour + 1000).toISOString() });
    await open().send(message([{ ...own, state: "resolved" }], { at: now - 1000, reason: "resolved" }), receipts());
    expect((await real.firing()).has("round")).toBe(false);
    await open().send(message([own], { at: now }), receipts());
    expect((await real.firing()).has("round")).toBe(true);
  });

  it("takes many alerts, and hostile ones: each is one alert", async () => {
    const findings = [...many(600), ...hostileValues.map(hostile)].map((one, index) => ({
      ...one,
      ...{ id: `all-${index}`, firstSeen: now - hour, lastSeen: now },
    }));
    await open().send(message(findings, { at: now }));
    const ids = [...(await real.firing()).keys()].filter((id) => id.startsWith("all-"));
    expect(ids).toHaveLength(findings.length);
  });

  it("takes an empty post, as doctor sends it, and tells nobody", async () => {
    const count = (await real.firing()).size;
    await open().send(message([], { at: now }));
    expect((await real.firing()).size).toBe(count);
  });

  it("lets nobody in without the right password", async () => {
    const basic = { username, password: "wrong-one" };
    const error = await open(now, { basic })
      .send(message([fresh({ id: "nobody" })]))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "channel/refused", mend: "check the channel's auth and headers" });
    expect((await real.firing()).has("nobody")).toBe(false);
  });
});
