/** What the functions run against: a real Prometheus with a past, behind a gate that counts questions and can be shut. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type HeldPast, holdPast } from "../command/past.ts";
import { type Answering, answering } from "../poll/answering.ts";
import { type TempFolder, tempFolder } from "../tools/temp.ts";

export const minute = 60_000;

export interface SetUp {
  /** The past's last moment, ms: a whole minute a little ago. */
  end: number;
  /** In front of Prometheus. */
  gate: Answering & { shut: boolean; token: string | null };
  folder: TempFolder;
  /** Writes a file into the folder, and gives its path. */
  write(name: string, value: unknown): string;
  stop(): Promise<void>;
}

/** A destination known for long, one that came twenty minutes before the end, and one three minutes before it. */
export async function setUp(purpose: string): Promise<SetUp> {
  const folder = tempFolder(purpose);
  const end = Math.floor(Date.now() / minute - 1) * minute;
  const held: HeldPast = await holdPast(
    (mesh, timetable) => {
      const pod = mesh.pod({ namespace: "shop", workload: "web" });
      timetable.at(end - 100 * minute, () => pod.http({ host: "known.example.com", to: "198.51.100.1:80" }));
      timetable.at(end - 20 * minute, () => pod.http({ host: "new.example.com", to: "198.51.100.2:80" }));
      timetable.at(end - 3 * minute, () => pod.http({ host: "newer.example.com", to: "198.51.100.3:80" }));
    },
    { from: end - 120 * minute, to: end, everyMs: 15_000 },
  );
  const server = await answering(async (response, _before, { method, url, headers, body }) => {
    if (gate.shut) return;
    if (gate.token !== null && headers.authorization !== `Bearer ${gate.token}`) {
      response.writeHead(401).end();
      return;
    }
    const type = { "content-type": headers["content-type"] ?? "application/json" };
    const answer = await fetch(`${held.prometheus.url}${url}`, {
      method,
      headers: type,
      ...(body === "" ? {} : { body }),
    });
    response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
  });
  const gate = Object.assign(server, { shut: false, token: null as string | null });
  return {
    end,
    gate,
    folder,
    write(name, value) {
      const path = join(folder.path, name);
      writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
      return path;
    },
    async stop() {
      await gate.stop();
      await held.stop();
      folder.remove();
    },
  };
}

let sent = 0;
/** A message as SQS hands it over. */
export function message(body: unknown) {
  sent += 1;
  return {
    ...{
      messageId: `message-${sent}`,
      receiptHandle: `handle-${sent}`,
      eventSource: "aws:sqs",
      awsRegion: "eu-west-1",
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: "0",
      SenderId: "x",
      ApproximateFirstReceiveTimestamp: "0",
    },
    ...{ messageAttributes: {}, md5OfBody: "", eventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:runs" },
  };
}
