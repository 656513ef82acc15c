/** What the AWS SDK throws → the errors of a store. Pure. Without a cause: the SDK's errors may quote a request and its token. */
import { ScoutError } from "../errors.ts";
import { printable } from "../words/printable.ts";

export const isConditionFailed = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.name === "ConditionalCheckFailedException";

const actions = "GetItem, PutItem, UpdateItem, DeleteItem, Query and BatchWriteItem";
const create = (table: string) =>
  `create it: aws dynamodb create-table --table-name ${table} --billing-mode PAY_PER_REQUEST --attribute-definitions AttributeName=pk,AttributeType=S AttributeName=sk,AttributeType=S --key-schema AttributeName=pk,KeyType=HASH AttributeName=sk,KeyType=RANGE (docs/stores.md has it for CloudFormation)`;

/** By what the SDK calls it: what we say, and what to do. */
const known: [name: RegExp, says: (table: string, message: string) => [what: string, mend: string]][] = [
  [/^ResourceNotFound/, (table) => ["there is no such table in this account and region", create(table)]],
  [
    /^AccessDenied|^NotAuthorized/,
    (_, message) => [
      `access is denied${/ dynamodb:\w+/.exec(message)?.[0].replace(" ", " to ") ?? ""}`,
      `allow dynamodb: ${actions} on the table (docs/stores.md has the policy)`,
    ],
  ],
  [
    /^(UnrecognizedClient|InvalidSignature|ExpiredToken|InvalidClientTokenId|MissingAuthenticationToken|IncompleteSignature|SignatureDoesNotMatch)/,
    () => ["AWS does not take the credentials", "check this process' AWS credentials, region and clock"],
  ],
  [
    /^(CredentialsProvider|TokenProvider)Error/,
    () => [
      "no AWS credentials found",
      "give this process AWS credentials: a role, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    ],
  ],
  [
    /Throughput|Throttl|RequestLimit|TooManyRequests/,
    () => [
      "it takes no more requests now",
      "nothing is lost: the next run goes on; bill the table by request (PAY_PER_REQUEST), or give it more capacity",
    ],
  ],
  [
    /^ItemCollectionSizeLimit|^ResourceInUse|^Internal|^ServiceUnavailable/,
    () => ["DynamoDB could not do it", "nothing is lost: the next run goes on"],
  ],
];

/** The error to throw in place of the SDK's; a ScoutError stays as it is. */
export function tableError(table: string, thrown: unknown): ScoutError {
  if (thrown instanceof ScoutError) return thrown;
  const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const found = known.find(([pattern]) => pattern.test(name))?.[1](table, message) ?? unknown(name, message);
  const [what, mend] = found;
  return new ScoutError("store/unavailable", `the table ${table} cannot be used: ${what}`, { mend });
}

function unknown(name: string, message: string): [what: string, mend: string] {
  if (/region is missing/i.test(message)) return ["no AWS region is set", "set AWS_REGION"];
  if (name === "ValidationException" && /key element|the key|key schema/i.test(message)) {
    const keys = "it needs the keys pk (partition) and sk (sort), both of type S";
    return [`its keys are others: ${printable(message, 160)}`, `${keys}; give another table`];
  }
  if (/Timeout|Abort/.test(name)) return ["no answer in time", "check the way to DynamoDB; the next run goes on"];
  return [
    `${printable(name, 60)}: ${printable(message, 160)}`,
    "check the way to DynamoDB (AWS_ENDPOINT_URL_DYNAMODB, proxies)",
  ];
}

/** Another run has the cluster, or has taken it over. */
export function busyCluster(table: string, cluster: string, why: string): ScoutError {
  return new ScoutError("store/busy", `another run is using ${printable(cluster)} in the table ${table}: ${why}`, {
    mend: "wait for it to end; the lease of one that was killed ends by itself",
  });
}
