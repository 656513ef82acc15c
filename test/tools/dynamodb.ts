/** DynamoDB on this machine (dynalite), behind a door that counts what is asked, and fails as a test wants it. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";

/** A request that came. */
export interface Asked {
  action: string;
  /** As sent, parsed. */
  body: Record<string, unknown> & { Key?: { sk?: { S?: string } }; Item?: { sk?: { S?: string } } };
}

/**
 * What becomes of a request: an error of DynamoDB's, no answer ever, the connection cut before it is done, or after; half an answer; of a
 * batch, the last row not done; and of a Query that need not be consistent, an answer without the rows that came last.
 */
export type Fault =
  | { status: number; name: string; message?: string }
  | "hang"
  | "cut"
  | "done, then cut"
  | "half"
  | "unprocessed"
  | "stale"
  | null;

export interface Units {
  read: number;
  write: number;
}

export interface Dynamodb {
  url: string;
  /** For a process that is to use it. */
  env: Record<string, string>;
  /** Past the door: not counted. */
  client: DynamoDBClient;
  viaDoor: DynamoDBClient;
  /** Requests since the last `forget`. */
  asked: Asked[];
  /** Units that they took, by DynamoDB's rules. A condition that fails takes a write unit as well. */
  units: Units;
  /** Rows that were written or taken away. */
  written: Set<string>;
  fault: (asked: Asked) => Fault | Promise<Fault>;
  forget(): void;
  /** Makes a table and says its name. */
  table(): Promise<string>;
  stop(): Promise<void>;
}

const writes = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"];
export const isWrite = ({ action }: Asked): boolean => writes.includes(action);

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return address.port;
}

/** Sets AWS_… of this process as well. Not for tests of one file that run at once. */
export async function startDynamodb(): Promise<Dynamodb> {
  const behind = dynalite({ createTableMs: 0 });
  const port = await listen(behind);
  const door = createServer(
    (request, response) => void answer(all, port, request, response).catch(() => response.destroy()),
  );
  const url = `http://127.0.0.1:${await listen(door)}`;
  const env = {
    AWS_ENDPOINT_URL_DYNAMODB: url,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  Object.assign(process.env, env);
  const client = new DynamoDBClient({ endpoint: `http://127.0.0.1:${port}` });
  const viaDoor = new DynamoDBClient({ endpoint: url });
  let made = 0;
  const all: Dynamodb = {
    url,
    env,
    client,
    viaDoor,
    asked: [],
    units: { read: 0, write: 0 },
    written: new Set(),
    fault: () => null,
    forget() {
      all.asked.length = 0;
      all.units = { read: 0, write: 0 };
      all.written.clear();
    },
    async table() {
      made += 1;
      const TableName = `scout-${made}`;
      await client.send(
        new CreateTableCommand({
          TableName,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
          KeySchema: [
            { AttributeName: "pk", KeyType: "HASH" },
            { AttributeName: "sk", KeyType: "RANGE" },
          ],
        }),
      );
      // It is there a moment after it was made.
      const isActive = async () =>
        (await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus === "ACTIVE";
      while (!(await isActive()));
      return TableName;
    },
    async stop() {
      client.destroy();
      viaDoor.destroy();
      door.closeAllConnections();
      behind.closeAllConnections();
      await Promise.all([door, behind].map((server) => new Promise((done) => server.close(done))));
    },
  };
  return all;
}

async function answer(all: Dynamodb, port: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = (await buffer(request)).toString();
  const action = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
  const asked: Asked = { action, body: JSON.parse(text) };
  all.asked.push(asked);
  const fault = await all.fault(asked);
  if (fault === "hang") return;
  if (fault === "cut") return void request.socket.destroy();
  if (fault !== null && typeof fault === "object") {
    const { status, name, message = "as the test wants it" } = fault;
    const type = `com.amazonaws.dynamodb.v20120810#${name}`;
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
    return void response.end(JSON.stringify({ __type: type, message }));
  }
  const left = fault === "unprocessed" ? takeLast(asked) : {};
  const answered = await pass(port, request, { ...asked.body, ReturnConsumedCapacity: "TOTAL" });
  count(all, asked, answered.body);
  if (fault === "stale" && asked.body.ConsistentRead !== true) answered.body.Items?.pop();
  if (fault === "done, then cut") return void request.socket.destroy();
  const whole = JSON.stringify({ ...answered.body, ...left });
  response.writeHead(answered.status, {
    "content-type": "application/x-amz-json-1.0",
    "content-length": Buffer.byteLength(whole),
  });
  if (fault !== "half") return void response.end(whole);
  response.write(whole.slice(0, whole.length / 2), () => request.socket.destroy());
}

interface Answered {
  status: number;
  body: {
    ConsumedCapacity?: { CapacityUnits: number } | { CapacityUnits: number }[];
    __type?: string;
    Items?: object[];
  };
}

async function pass(port: number, { headers }: IncomingMessage, body: object): Promise<Answered> {
  const kept = Object.entries(headers).filter(([name]) => /^(x-amz-|authorization|content-type)/.test(name));
  const answered = await fetch(`http://127.0.0.1:${port}`, {
    method: "POST",
    headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
    body: JSON.stringify(body),
  });
  return { status: answered.status, body: (await answered.json()) as Answered["body"] };
}

function count(all: Dynamodb, asked: Asked, { ConsumedCapacity, __type }: Answered["body"]): void {
  const kind = isWrite(asked) ? "write" : "read";
  const spent = [ConsumedCapacity ?? []].flat().reduce((sum, one) => sum + one.CapacityUnits, 0);
  // What finds nothing, or fails its condition, takes a unit as well; half a one where it need not be consistent.
  const least = kind === "read" && asked.body.ConsistentRead !== true ? 0.5 : 1;
  if (__type === undefined || __type.includes("ConditionalCheckFailed")) all.units[kind] += Math.max(spent, least);
  if (kind === "read") return;
  const { Key, Item } = asked.body;
  const batch = asked.action === "BatchWriteItem" ? batchOf(asked) : [];
  for (const sk of [Key?.sk?.S ?? Item?.sk?.S, ...batch.map((one) => one.DeleteRequest.Key.sk.S)])
    if (sk !== undefined) all.written.add(sk);
}

type Batch = { DeleteRequest: { Key: { sk: { S: string } } } }[];
const batchOf = ({ body }: Asked): Batch => Object.values((body.RequestItems ?? {}) as Record<string, Batch>).flat();

/** Takes the last row off a batch, and says that it was left. */
function takeLast({ body }: Asked): object {
  const items = body.RequestItems as Record<string, Batch>;
  const [table = "", batch = []] = Object.entries(items)[0] ?? [];
  return { UnprocessedItems: { [table]: batch.splice(-1) } };
}
