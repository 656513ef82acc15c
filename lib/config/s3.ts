/** ADAPTER: objects of S3, whole and of a bounded size. The client is loaded with its first use. */
import type { S3Client } from "@aws-sdk/client-s3";
import { ScoutError } from "../errors.ts";
import { awsFault } from "./aws-error.ts";

export interface Bucket {
  /** @throws ScoutError `config/unreadable` */
  object(key: string, mostBytes: number): Promise<Uint8Array>;
  /** The keys at a path: the object of that name, or those below it as in a folder, sorted. @throws ScoutError `config/unreadable` */
  at(path: string): Promise<string[]>;
  close(): void;
}

/** A folder of lists has dozens of files; with more, one has named the wrong prefix. */
const mostObjects = 1000;
const deadline = 30_000;

export async function bucket(name: string): Promise<Bucket> {
  const sdk = await import("@aws-sdk/client-s3");
  const client: S3Client = new sdk.S3Client({
    maxAttempts: 3,
    followRegionRedirects: true,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  });
  const place = (key: string) => `s3://${name}/${key}`;
  return {
    async object(key, mostBytes) {
      try {
        const command = new sdk.GetObjectCommand({ Bucket: name, Key: key });
        const { Body } = await client.send(command, { abortSignal: AbortSignal.timeout(deadline) });
        return await bounded(Body?.transformToWebStream(), place(key), mostBytes);
      } catch (thrown) {
        throw unreadable(thrown, place(key), "s3:GetObject");
      }
    },
    async at(path) {
      try {
        const command = new sdk.ListObjectsV2Command({ Bucket: name, Prefix: path, MaxKeys: mostObjects });
        const { Contents = [], IsTruncated } = await client.send(command, {
          abortSignal: AbortSignal.timeout(deadline),
        });
        const keys = Contents.flatMap(({ Key = "" }) => (Key.endsWith("/") ? [] : [Key]));
        const found = keys.filter((key) => key === path || key.startsWith(`${path}/`) || path === "");
        if (IsTruncated)
          throw new ScoutError("config/unreadable", `${place(path)}: there are more than ${mostObjects} objects`);
        if (found.length > 0) return found.sort();
        throw new ScoutError("config/unreadable", `${place(path)}: there is no such object, and none below it`);
      } catch (thrown) {
        throw unreadable(thrown, place(path), "s3:ListBucket");
      }
    },
    close: () => client.destroy(),
  };
}

async function bounded(
  stream: AsyncIterable<Uint8Array> | undefined,
  place: string,
  mostBytes: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stream ?? []) {
    size += part.byteLength;
    if (size > mostBytes)
      throw new ScoutError("config/unreadable", `${place} is larger than ${mostBytes / 1024 / 1024} MiB`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** S3 says that it denies what is not there, too, to who may not list the bucket. */
function unreadable(thrown: unknown, place: string, action: string): ScoutError {
  if (thrown instanceof ScoutError) return thrown;
  const { why, mend } = awsFault(thrown, action);
  const more = why.startsWith("AWS denies") ? "; without s3:ListBucket, what is not there is denied as well" : "";
  return new ScoutError("config/unreadable", `${place} cannot be read: ${why}`, { mend: `${mend}${more}` });
}
