/** Stands in for SQS, Systems Manager, Secrets Manager (AWS JSON) and S3 (REST): what they hold, and how they answer when all is not well. */
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { type Answering, answering } from "../poll/answering.ts";

/** How the next requests of an operation are answered, one each. */
export type Trouble = "throttle" | "deny" | "fail" | "hang" | "expired";

export interface Aws extends Pick<Answering, "url" | "stop"> {
  /** Operations asked, in order: `SendMessageBatch`, `GetParameter /a`, `GetObject bucket/key`, … */
  asked: string[];
  parameters: Map<string, string>;
  /** Null for one that holds bytes. */
  secrets: Map<string, string | null>;
  /** By `bucket/key`. */
  objects: Map<string, string>;
  /** Bodies, in the order they were taken. */
  queue: string[];
  /** Bodies that SQS does not take: how many times each. */
  untaken: Map<string, number>;
  trouble(operation: string, ...next: Trouble[]): void;
  /** For the environment of whoever is to find it. */
  env: Record<string, string>;
}

const troubles: Record<Exclude<Trouble, "hang">, [status: number, code: string, message: string]> = {
  throttle: [400, "ThrottlingException", "Rate exceeded"],
  deny: [400, "AccessDeniedException", "User: arn:aws:sts::123456789012:assumed-role/poll/x is not authorized"],
  fail: [500, "InternalServerError", "something went wrong"],
  expired: [400, "ExpiredTokenException", "The security token included in the request is expired"],
};

export async function awsReceiver(): Promise<Aws> {
  const next = new Map<string, Trouble[]>();
  const aws: Omit<Aws, "url" | "stop" | "env"> = {
    asked: [],
    parameters: new Map(),
    secrets: new Map(),
    objects: new Map(),
    queue: [],
    untaken: new Map(),
    trouble: (operation, ...all) => void next.set(operation, all),
  };
  const server = await answering((response, _before, { method, url, headers, body }) => {
    const target = headers["x-amz-target"];
    const isS3 = target === undefined;
    const [service = "", operation = ""] = isS3 ? ["S3", operationOf(method, url)] : String(target).split(".");
    const what = isS3 ? decodeURIComponent(new URL(url, "http://s3").pathname.slice(1)) : nameIn(body);
    aws.asked.push(`${operation} ${what}`.trim());
    if (!isSigned(headers, body)) return fail(response, isS3, 403, "MissingAuthenticationToken", "not signed");
    const trouble = next.get(operation)?.shift();
    if (trouble === "hang") return;
    if (trouble !== undefined) {
      const [status, code, message] = troubles[trouble];
      const ofS3 = { AccessDeniedException: [403, "AccessDenied"], ThrottlingException: [503, "SlowDown"] } as const;
      const [own, name] = (isS3 && ofS3[code as keyof typeof ofS3]) || [status, code];
      return fail(response, isS3, own, name, message);
    }
    if (isS3) return s3(aws, operation, url, response);
    const answer = json(aws, service, JSON.parse(body));
    if ("code" in answer) return fail(response, false, 400, answer.code, answer.code);
    const type = service === "AmazonSQS" ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1";
    response.writeHead(200, { "content-type": type }).end(JSON.stringify(answer.yes));
  });
  const endpoints = ["SQS", "SSM", "SECRETS_MANAGER", "S3"].map((one) => [`AWS_ENDPOINT_URL_${one}`, server.url]);
  const env = {
    ...Object.fromEntries(endpoints),
    ...{ AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "AKIDTEST", AWS_SECRET_ACCESS_KEY: "wJalrSecretKey42" },
    ...{ AWS_SESSION_TOKEN: "IQoJSessionToken42" },
  };
  return Object.assign(aws, { url: server.url, stop: server.stop, env });
}

const isSigned = (headers: IncomingHttpHeaders, _body: string) =>
  /^AWS4-HMAC-SHA256 Credential=AKIDTEST\//.test(headers.authorization ?? "");

const nameIn = (body: string) => {
  const value: { Name?: string; SecretId?: string } = JSON.parse(body);
  return value.Name ?? value.SecretId ?? "";
};

const operationOf = (method: string, url: string) =>
  url.includes("list-type=2") ? "ListObjectsV2" : `${method === "GET" ? "Get" : method}Object`;

function fail(response: ServerResponse, isS3: boolean, status: number, code: string, message: string): void {
  if (isS3) {
    const xml = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
    return void response.writeHead(status, { "content-type": "application/xml" }).end(xml);
  }
  response
    .writeHead(status, { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": code })
    .end(JSON.stringify({ __type: `com.amazonaws#${code}`, message }));
}

type Yes = { yes: unknown } | { code: string };

function json(aws: Omit<Aws, "url" | "stop" | "env">, service: string, asked: Record<string, unknown>): Yes {
  if (service === "AmazonSSM") {
    const value = aws.parameters.get(String(asked.Name));
    if (value === undefined) return { code: "ParameterNotFound" };
    return {
      yes: {
        Parameter: { Name: asked.Name, Type: "SecureString", Value: asked.WithDecryption ? value : "AQIDencrypted" },
      },
    };
  }
  if (service === "secretsmanager") {
    const value = aws.secrets.get(String(asked.SecretId));
    if (value === undefined) return { code: "ResourceNotFoundException" };
    return { yes: value === null ? { SecretBinary: "AAAA" } : { SecretString: value } };
  }
  const entries = asked.Entries as { Id: string; MessageBody: string }[];
  if (entries.length > 10) return { code: "TooManyEntriesInBatchRequest" };
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) return { code: "BatchEntryIdsNotDistinct" };
  const isTaken = ({ MessageBody }: { MessageBody: string }) => {
    const left = aws.untaken.get(MessageBody) ?? 0;
    aws.untaken.set(MessageBody, left - 1);
    if (left <= 0) aws.queue.push(MessageBody);
    return left <= 0;
  };
  const taken = entries.filter(isTaken);
  const Successful = taken.map(({ Id, MessageBody }) => ({
    ...{ Id, MessageId: Id },
    MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex"),
  }));
  const Failed = entries
    .filter((one) => !taken.includes(one))
    .map(({ Id }) => ({ Id, Code: "InternalError", SenderFault: false, Message: "try again" }));
  return { yes: { Successful, Failed } };
}

function s3(aws: Pick<Aws, "objects">, operation: string, url: string, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(url, "http://s3");
  const path = decodeURIComponent(pathname.slice(1));
  if (operation === "ListObjectsV2") {
    const prefix = `${path.replace(/\/$/, "")}/${searchParams.get("prefix") ?? ""}`;
    const keys = [...aws.objects.keys()]
      .filter((one) => one.startsWith(prefix))
      .map((one) => one.slice(one.indexOf("/") + 1));
    const contents = keys.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join("");
    const xml = `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`;
    return void response.writeHead(200, { "content-type": "application/xml" }).end(xml);
  }
  const object = aws.objects.get(path);
  if (object === undefined) fail(response, true, 404, "NoSuchKey", "The specified key does not exist.");
  else response.writeHead(200, { "content-type": "binary/octet-stream" }).end(object);
}
