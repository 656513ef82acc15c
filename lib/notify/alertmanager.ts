/** ADAPTER: Alertmanager, by its API v2. */
import { ScoutError } from "../errors.ts";
import { type Alert, alertOf, alertShape, endingAt, isSame } from "./alerts.ts";
import { type Addressee, type Answer, judgeStatus, type Outcome, originOf, reasonOf, refused, yes } from "./answer.ts";
import type { Channel, Receipts } from "./channel.ts";
import { post, type Ways } from "./post.ts";
import { noReceipts } from "./receipts.ts";

export interface AlertmanagerSettings extends Ways {
  name: string;
  /** The part before /api/v2. */
  url: string;
  headers: Readonly<Record<string, string>>;
  /** Of a Basic Authorization; null without. */
  basic: { username: string; password: string } | null;
  /** For how long an alert fires that is not posted again, ms. */
  firing: number;
  /** A page to link alerts to, their finding's id after `#`. */
  link?: string | undefined;
  /** A clock, ms. */
  now: () => number;
}

/** So many alerts a post, as Prometheus of today sends them. */
const batchSize = 256;

/**
 * A channel that posts an alert for each finding. Alertmanager takes the same labels for the same alert, so one posted twice is shown
 * once; it forgets what is not posted again, so `refresh` does that, with the very alerts it took (they are the receipts): an alert
 * whose labels have changed since is ended, and so is one that somebody silenced. A message without findings posts an empty list, which tells nobody.
 */
export function alertmanager(settings: AlertmanagerSettings): Channel {
  const { name, firing, link, now } = settings;
  const say = poster(settings);
  const kept = async (receipts: Receipts) =>
    new Map([...(await receipts.all())].flatMap(([id, text]) => alertIn(text).map((alert) => [id, alert] as const)));
  return {
    name,
    async send(message, receipts = noReceipts()) {
      const times = { now: now(), firing };
      const before = message.findings.length === 0 ? new Map<string, Alert>() : await kept(receipts);
      const changes = new Map<string, string | null>();
      const alerts = message.findings.flatMap((finding) => {
        const link_ = link === undefined ? null : `${link}#${encodeURIComponent(finding.id.toWellFormed())}`;
        const alert = alertOf(finding, message, times, link_);
        const isOver = message.reason === "resolved" || finding.state === "resolved";
        changes.set(finding.id, isOver ? null : JSON.stringify(alert));
        const old = before.get(finding.id);
        return old === undefined || isSame(old, alert)
          ? [alert]
          : [endingAt(old, Math.min(message.at, times.now)), alert];
      });
      await say(alerts);
      await receipts.keep(changes);
    },
    async refresh({ open, silenced }, receipts) {
      const all = await kept(receipts);
      const still = (id: string) => open.has(id) && !silenced.has(id);
      const alerts = [...all].flatMap(([id, alert]) => {
        if (silenced.has(id)) return [endingAt(alert, now())];
        return still(id) ? [endingAt(alert, now() + firing)] : [];
      });
      if (alerts.length > 0) await say(alerts);
      // Those of what happened once fire for their time, and need no more from us.
      await receipts.keep(new Map([...all.keys()].filter((id) => !still(id)).map((id) => [id, null])));
    },
  };
}

/** A damaged receipt is none. */
function alertIn(text: string): Alert[] {
  try {
    const read = alertShape.safeParse(JSON.parse(text));
    return read.success && !Number.isNaN(Date.parse(read.data.startsAt)) ? [read.data] : [];
  } catch {
    return [];
  }
}

/** Posts alerts, some at a time. What is refused holds up no other: Alertmanager took the valid ones beside it. */
function poster({ name, url, headers: given, basic, ...ways }: AlertmanagerSettings) {
  const pair = basic === null ? "" : Buffer.from(`${basic.username}:${basic.password}`).toString("base64");
  const authorization = basic === null ? {} : { authorization: `Basic ${pair}` };
  const headers = { "content-type": "application/json", ...given, ...authorization };
  const secrets = [pair, basic?.password ?? "", ...Object.values(given).flatMap((one) => [one, ...one.split(" ")])];
  const to: Addressee = { channel: name, origin: originOf(url), secrets };
  return async (alerts: readonly Alert[]): Promise<void> => {
    if (to.origin === "") {
      const said = `channel ${name}: the url is no http(s) URL`;
      throw new ScoutError("channel/refused", said, { mend: "set it to the part before /api/v2" });
    }
    let first: unknown = null;
    for (let start = 0; start === 0 || start < alerts.length; start += batchSize) {
      const body = JSON.stringify(alerts.slice(start, start + batchSize));
      await post({ url: alertsUrl(url), headers, body }, to, judge, ways).catch((thrown: unknown) => {
        if (!(thrown instanceof ScoutError) || thrown.code !== "channel/refused") throw thrown;
        first ??= thrown;
      });
    }
    if (first !== null) throw first;
  };
}

function alertsUrl(url: string): string {
  const place = new URL(url);
  place.pathname = `${place.pathname.replace(/\/$/, "")}/api/v2/alerts`;
  place.hash = "";
  return place.href;
}

/** Alertmanager's yes is 200 and says nothing; a login page says a lot. */
function judge(answer: Answer, to: Addressee): Outcome {
  const { status, body } = answer;
  if (status === 200 && /^\s*$/.test(body)) return yes;
  const common = judgeStatus(answer, to);
  if (common !== null) return common;
  if (status === 200) {
    return refused(to, `did not answer as Alertmanager does, but ${reasonOf(answer, to)}`, mendOf(404));
  }
  return refused(to, `refused the alerts: status ${status}, ${reasonOf(answer, to)}`, mendOf(status));
}

function mendOf(status: number): string {
  if (status === 400) return "this is a fault of egress-scout: please report it";
  if (status === 401 || status === 403) return "check the channel's auth and headers";
  if (status === 413) return "let what stands before Alertmanager take larger bodies (2 MB)";
  return "check that the url is the part before /api/v2 of Alertmanager 0.16 or later, and what a proxy on the way does";
}
