/** Stands in for Amazon SNS: takes only a Publish that SNS would take, signed with the key of `snsCredentials`. */
import { createHash, createHmac } from "node:crypto";
import { type Got, listen, type Receiver } from "./receiver.ts";

export const snsCredentials = {
  accessKeyId: "AKIDSECRETKEYID00042",
  secretAccessKey: "wJalrXUtnSecretAccessKey42/bPxRfi+CYEXAMPLE",
  sessionToken: "IQoJSecretSessionToken42==/with+more",
};

const namespace = 'xmlns="http://sns.amazonaws.com/doc/2010-03-31/"';

export function snsReceiver(): Promise<Receiver> {
  return listen({
    faults,
    yes: ({ body }) => ({
      status: 200,
      headers: { "content-type": "text/xml" },
      body: `<PublishResponse ${namespace}><PublishResult><MessageId>${createHash("md5").update(body).digest("hex")}</MessageId></PublishResult></PublishResponse>`,
    }),
    invalid: (found) => error(400, "InvalidParameter", found.join("; ")),
    refuse: (echo) => error(404, "NotFound", `Topic does not exist ${echo}`),
    rateLimited: () => error(429, "Throttled", "Rate exceeded"),
    serverError: (echo) => error(500, "InternalError", echo),
  });
}

function error(status: number, code: string, message: string) {
  const body = `<ErrorResponse ${namespace}><Error><Type>Sender</Type><Code>${code}</Code><Message>${xml(message)}</Message></Error></ErrorResponse>`;
  return { status, headers: { "content-type": "text/xml" }, body };
}

/** The error SNS answers with when the signature is wrong, quoting what was signed. */
export const snsError = error;

function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** A body's fields, decoded. */
export function snsFields(body: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body));
}

/** A body's message attributes: name → [type, value]. */
export function snsAttributes(body: string): Record<string, [type: string, value: string]> {
  const fields = snsFields(body);
  const names = Object.entries(fields).flatMap(([key, name]) => {
    const entry = /^MessageAttributes\.entry\.(\d+)\.Name$/.exec(key)?.[1];
    return entry === undefined ? [] : [[`MessageAttributes.entry.${entry}.Value`, name] as const];
  });
  return Object.fromEntries(
    names.map(([at, name]) => [name, [fields[`${at}.DataType`] ?? "", fields[`${at}.StringValue`] ?? ""]]),
  );
}

/** The manifests a body shows, as a reader would copy them. */
export function snsManifests(body: string): string[] {
  const text = snsFields(body).Message ?? "";
  return [...text.matchAll(/^----- begin manifest -----\n([\s\S]*?)^----- end manifest -----$/gm)].map(
    ([, yaml = ""]) => yaml,
  );
}

function faults(got: Got): string[] {
  if (got.method !== "POST" || got.url !== "/") return [`${got.method} ${got.url}`];
  if (!String(got.headers["content-type"]).startsWith("application/x-www-form-urlencoded")) return ["not a form"];
  return [...signatureFaults(got), ...publishFaults(snsFields(got.body)), ...attributeFaults(got.body)];
}

function* publishFaults(fields: Record<string, string>): Generator<string> {
  if (fields.Action !== "Publish" || fields.Version !== "2010-03-31") yield "no Publish of 2010-03-31";
  if (!/^arn:aws:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]+$/.test(fields.TopicArn ?? "")) yield "no topic";
  if ("MessageStructure" in fields) yield "a MessageStructure: attributes would not be sent";
  if ((fields.Message ?? "") === "") yield "no Message";
  if (/[^\P{C}\n]/u.test(fields.Message ?? "")) yield "a control character in Message";
  const subject = fields.Subject ?? "";
  if (!/^[A-Za-z][\x20-\x7e]{0,98}$/.test(subject)) yield `Subject ${JSON.stringify(subject)}`;
  const fifo = (fields.TopicArn ?? "").endsWith(".fifo");
  for (const name of ["MessageGroupId", "MessageDeduplicationId"]) {
    if (fifo && !/^[!-~]{1,128}$/.test(fields[name] ?? "")) yield `${name} of a FIFO topic`;
    if (!fifo && name in fields) yield `${name} of a standard topic`;
  }
}

function* attributeFaults(body: string): Generator<string> {
  const attributes = Object.entries(snsAttributes(body));
  if (attributes.length > 10) yield "more than 10 attributes";
  let size = Buffer.byteLength(snsFields(body).Message ?? "");
  for (const [name, [type, value]] of attributes) {
    size += Buffer.byteLength(name + type + value);
    if (!["kind", "severity", "cluster", "namespace", "team"].includes(name)) yield `attribute ${name}`;
    if (value === "") yield `attribute ${name} is empty`;
    const values: unknown = type === "String" ? [value] : type === "String.Array" ? JSON.parse(value) : null;
    if (!Array.isArray(values)) yield `attribute ${name} has type ${type}`;
    else if (!values.every((one) => typeof one === "string" && /^[\x20-\x7e]{1,256}$/.test(one)))
      yield `attribute ${name}: a value`;
    else if (type === "String.Array" && values.length < 2) yield `attribute ${name}: a list of one`;
  }
  if (size > 262_144) yield `${size} bytes of body and attributes`;
}

/** Signature Version 4, worked out again from what came. */
function* signatureFaults({ headers, body }: Got): Generator<string> {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/sns\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
  const [, keyId, day = "", region = "", signed = "", signature] = form.exec(headers.authorization ?? "") ?? [];
  if (signature === undefined) return yield "no SigV4 Authorization for sns";
  if (keyId !== snsCredentials.accessKeyId) yield "another key";
  const names = signed.split(";");
  for (const name of ["host", "x-amz-date", "x-amz-security-token"])
    if (!names.includes(name)) yield `${name} is not signed`;
  const lines = names.map((name) => `${name}:${String(headers[name]).trim()}\n`).join("");
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const canonical = `POST\n/\n\n${lines}\n${signed}\n${hash(body)}`;
  const toSign = `AWS4-HMAC-SHA256\n${headers["x-amz-date"]}\n${day}/${region}/sns/aws4_request\n${hash(canonical)}`;
  const parts: string[] = [day, region, "sns", "aws4_request"];
  const key = parts.reduce<string | Buffer>(hmac, `AWS4${snsCredentials.secretAccessKey}`);
  if (hmac(key, toSign).toString("hex") !== signature) yield "a wrong signature";
}
