/** Stands in for Amazon Managed Prometheus, in front of a real Prometheus: takes only what is signed, and goes by the query's own limits. */
import { type Answering, answering, json } from "../poll/answering.ts";
import { type Credentials, signatureFault } from "./sigv4.ts";

export const apsCredentials: Credentials = {
  accessKeyId: "AKIDAPSQUERY00000042",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+aps/EXAMPLEKEY42",
  sessionToken: "IQoJapsSessionToken42==/with+more",
};
export const expiredToken = "IQoJexpiredToken==";
export const workspace = "/workspaces/ws-b226cc2a-a446-46a9-933a-ac50479a5568";

const skew = 5 * 60_000;

export async function apsReceiver(prometheus: string, { allowed = true } = {}): Promise<Answering> {
  return await answering(async (response, _before, asked) => {
    const refuse = (message: string) => json({ message }, 403)(response);
    const fault = signatureFault(asked, "aps", apsCredentials);
    if (fault !== null) return refuse(fault);
    const date = String(asked.headers["x-amz-date"]);
    const at = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
    if (Math.abs(Date.now() - at) > skew) return refuse(`Signature expired: ${date} is now earlier than ${Date.now()}`);
    if (asked.headers["x-amz-security-token"] === expiredToken)
      return refuse("The security token included in the request is expired");
    if (!allowed) {
      const who =
        "User: arn:aws:sts::123456789012:assumed-role/poll/run is not authorized to perform: aps:QueryMetrics";
      return json({ Message: `${who} on resource: arn:aws:aps:eu-west-1:123456789012:workspace/ws-1` }, 403)(response);
    }
    if (!asked.url.startsWith(`${workspace}/api/v1/query`))
      return json({ message: "no such operation" }, 404)(response);
    const form = new URLSearchParams(asked.body);
    form.set("stats", "all");
    const [path = "", search = ""] = asked.url.slice(workspace.length).split("?");
    const answer = await fetch(`${prometheus}${path}`, { method: "POST", body: form });
    const body = (await answer.json()) as { data?: { stats?: { samples: { totalQueryableSamples: number } } } };
    const processed = body.data?.stats?.samples.totalQueryableSamples ?? 0;
    const limits = new URLSearchParams(search);
    const most = Number(limits.get("max_samples_processed_error_threshold") ?? Number.POSITIVE_INFINITY);
    const warn = Number(limits.get("max_samples_processed_warning_threshold") ?? Number.POSITIVE_INFINITY);
    if (processed > most)
      return json(
        {
          status: "error",
          errorType: "execution",
          error: `query samples processed ${processed} exceeds the error threshold ${most}`,
        },
        422,
      )(response);
    const warnings =
      processed > warn
        ? { warnings: [`query samples processed ${processed} exceeds the warning threshold ${warn}`] }
        : {};
    json({ ...body, ...warnings }, answer.status)(response);
  });
}
