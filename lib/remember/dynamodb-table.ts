/** ADAPTER: the table in DynamoDB. Rows in our words, one request each; nothing of what they mean. The only file of the store that knows the SDK. */
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { isConditionFailed, tableError } from "./dynamodb-error.ts";
import { type Attributes, attributeOf, expressionsOf, type Head, type HeadUpdate, toHead } from "./dynamodb-head.ts";

export interface Key {
  pk: string;
  sk: string;
}

export interface TableSettings {
  /** A name, or an ARN. */
  table: string;
  /** Milliseconds for one try. */
  timeout: number;
  tries: number;
}

/** DynamoDB takes so many in one batch. */
const batchSize = 25;
const connectionTimeout = 3_000;

const attributesOf = ({ pk, sk }: Key): Attributes => ({ pk: { S: pk }, sk: { S: sk } });
const headKey = (cluster: string): Key => ({ pk: "heads", sk: cluster });

export type Table = ReturnType<typeof openTable>;

/** Asks nobody yet. Every method throws ScoutError `store/unavailable`, and what it says beside. */
export function openTable({ table, timeout, tries }: TableSettings) {
  const region = /^arn:[a-z-]+:dynamodb:([a-z0-9-]+):/.exec(table)?.[1];
  const client = new DynamoDBClient({
    maxAttempts: tries,
    // Without throwOnRequestTimeout the SDK only warns, on the console, and waits on.
    requestHandler: { connectionTimeout, requestTimeout: timeout, throwOnRequestTimeout: true },
    ...(region === undefined ? {} : { region }),
  });
  // The SDK's time is that of the answer's head: a body that drips would be waited for without an end.
  client.middlewareStack.add((next) => async (args) => await whole(next(args), timeout), {
    step: "deserialize",
    priority: "high",
  });
  return {
    name: table,
    ...heads(client, table),
    ...rows(client, table),
    ...conditional(client, table),
    close: () => client.destroy(),
  };
}

/** The whole answer of one try; the SDK tries again what is late. */
async function whole<T>(answer: Promise<T>, timeout: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const error = Object.assign(new Error(`no whole answer in ${timeout} ms`), { name: "TimeoutError" });
  const timer = setTimeout(() => reject(error), timeout);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function attempt<T>(table: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw tableError(table, thrown);
  }
}

function heads(client: DynamoDBClient, table: string) {
  const said = (cluster: string) => `the row heads/${cluster} of the table ${table}`;
  const at = (cluster: string) => ({ TableName: table, Key: attributesOf(headKey(cluster)) });
  return {
    /** @throws ScoutError `store/too-new`, `store/corrupt` */
    async head(cluster: string): Promise<Head> {
      const command = new GetItemCommand({ ...at(cluster), ConsistentRead: true });
      const { Item } = await attempt(table, () => client.send(command));
      return toHead(said(cluster), Item);
    },

    /** The head as it is now, or null where the condition does not hold. */
    async updateHead(cluster: string, update: HeadUpdate): Promise<Head | null> {
      const asked = { ...at(cluster), ...expressionsOf(update), ReturnValues: "ALL_NEW" as const };
      const answer = await attempt(table, () =>
        client.send(new UpdateItemCommand(asked)).catch((thrown: unknown) => {
          if (isConditionFailed(thrown)) return null;
          throw thrown;
        }),
      );
      return answer === null ? null : toHead(said(cluster), answer.Attributes);
    },
  };
}

function rows(client: DynamoDBClient, table: string) {
  const where = { TableName: table };
  return {
    /** All rows of a partition in order of their keys, a page at a time. */
    async *partition(pk: string, isConsistent: boolean): AsyncGenerator<Attributes[]> {
      let from: Attributes | undefined;
      do {
        const command = new QueryCommand({
          ...where,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": { S: pk } },
          ConsistentRead: isConsistent,
          ExclusiveStartKey: from,
        });
        const { Items = [], LastEvaluatedKey } = await attempt(table, () => client.send(command));
        yield Items;
        from = LastEvaluatedKey;
      } while (from !== undefined);
    },

    async put(key: Key, attributes: Attributes): Promise<void> {
      const command = new PutItemCommand({ ...where, Item: { ...attributesOf(key), ...attributes } });
      await attempt(table, () => client.send(command));
    },

    async get(key: Key): Promise<Attributes | undefined> {
      const command = new GetItemCommand({ ...where, Key: attributesOf(key), ConsistentRead: true });
      return (await attempt(table, () => client.send(command))).Item;
    },

    /** False where there was none. */
    async remove(key: Key): Promise<boolean> {
      const command = new DeleteItemCommand({ ...where, Key: attributesOf(key), ReturnValues: "ALL_OLD" });
      const { Attributes } = await attempt(table, () => client.send(command));
      return Attributes !== undefined;
    },

    /** Those that are left where the table takes no more now. */
    async removeAll(keys: readonly Key[]): Promise<Key[]> {
      const left: Key[] = [];
      for (let from = 0; from < keys.length; from += batchSize) {
        const batch = keys.slice(from, from + batchSize);
        const requests = batch.map((key) => ({ DeleteRequest: { Key: attributesOf(key) } }));
        const command = new BatchWriteItemCommand({ RequestItems: { [table]: requests } });
        const { UnprocessedItems } = await attempt(table, () => client.send(command));
        const again = Object.values(UnprocessedItems ?? {}).flat();
        const missed = new Set(again.map(({ DeleteRequest }) => DeleteRequest?.Key?.sk?.S));
        left.push(...batch.filter(({ sk }) => missed.has(sk)));
      }
      return left;
    },
  };
}

function conditional(client: DynamoDBClient, table: string) {
  const where = { TableName: table };
  return {
    /** False where the condition does not hold; names stand in it as `#name`, values as `:name`. */
    async putIf(
      key: Key,
      attributes: Attributes,
      condition: string,
      values: Readonly<Record<string, string | number>> = {},
    ): Promise<boolean> {
      const names = [...condition.matchAll(/#(\w+)/g)].map(([alias, name = ""]) => [alias, name] as const);
      const given = Object.entries(values).map(([name, one]) => [`:${name}`, attributeOf(one)] as const);
      const command = new PutItemCommand({
        ...where,
        Item: { ...attributesOf(key), ...attributes },
        ConditionExpression: condition,
        ...(names.length === 0 ? {} : { ExpressionAttributeNames: Object.fromEntries(names) }),
        ...(given.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(given) }),
      });
      return await attempt(table, () =>
        client.send(command).then(
          () => true,
          (thrown: unknown) => {
            if (isConditionFailed(thrown)) return false;
            throw thrown;
          },
        ),
      );
    },
  };
}
