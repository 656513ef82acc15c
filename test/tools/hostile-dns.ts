/** A DNS server in this process, UDP and where wanted TCP, that answers whatever a test wants to see handled. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket as Stream } from "node:net";
import type { Answer, DecodedPacket, Question } from "dns-packet";

export type Rcode = "NOERROR" | "FORMERR" | "SERVFAIL" | "NXDOMAIN" | "NOTIMP" | "REFUSED";

/** One label of a name: text goes as UTF-8, bytes as they are; a dot inside is part of the label. At most 63 bytes. */
export type RawLabel = string | Uint8Array;

export type HostileReply =
  /** PTR answers, each a name as a list of labels; an empty list is the root. */
  | { ptr: RawLabel[][] }
  /** Any other answers of dns-packet. */
  | { answers: Answer[] }
  | { rcode: Rcode }
  | { silence: true }
  /** Says "too long, ask by TCP", where nobody listens unless it was started with `tcp`. */
  | { truncated: true }
  /** A good answer to a question that nobody asked. */
  | { wrongId: RawLabel[][] }
  /** These bytes, whatever they are, or what is made of the query's. */
  | { raw: Uint8Array | ((query: Buffer) => Uint8Array) };

export interface HostileDns {
  server: string;
  /** Every question that came, in order, the name in lower case. */
  asked: Question[];
  stop(): Promise<void>;
}

export type HostileHandler = (
  question: Question,
  before: number,
  transport: "udp" | "tcp",
) => HostileReply | Promise<HostileReply>;

/** Starts it; `handler` gets each question and how often that very one was asked before, and may take its time. */
export async function startHostileDns(handler: HostileHandler, { tcp = false } = {}): Promise<HostileDns> {
  // Loaded here, so that a bundle that never calls this leaves it out.
  const packets = await import("dns-packet");
  const asked: Question[] = [];
  let open = true;
  const times = new Map<string, number>();
  const answered = async (bytes: Buffer, transport: "udp" | "tcp"): Promise<Uint8Array | null> => {
    const query = packets.decode(bytes);
    const question = query.questions?.[0];
    if (question === undefined) return null;
    const seen = { type: question.type, name: question.name.toLowerCase() };
    const before = times.get(`${seen.type} ${seen.name}`) ?? 0;
    times.set(`${seen.type} ${seen.name}`, before + 1);
    asked.push(seen);
    const answer = await handler(seen, before, transport);
    return "raw" in answer ? rawReply(answer.raw, bytes) : encodeReply(packets, query, answer);
  };
  const listening = await listen(tcp);
  const { socket, streams } = listening;
  socket.on("message", async (bytes, from) => {
    const reply = await answered(bytes, "udp");
    if (reply !== null && open) socket.send(reply, from.port, from.address);
  });
  const stopTcp = serveTcp(streams, (bytes) => answered(bytes, "tcp"));
  const stop = async () => {
    if (!open) return;
    open = false;
    stopTcp();
    socket.close();
    await once(socket, "close");
  };
  return { server: `127.0.0.1:${socket.address().port}`, asked, stop };
}

/** UDP, and TCP on the same port where wanted; another port where somebody else has one of the two. */
async function listen(tcp: boolean): Promise<{ socket: Socket; streams: Server | null }> {
  for (let attempt = 1; ; attempt++) {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    if (!tcp) return { socket, streams: null };
    const streams = createServer().listen(socket.address().port, "127.0.0.1");
    try {
      await once(streams, "listening");
      return { socket, streams };
    } catch (error) {
      socket.close();
      if (attempt === 3) throw error;
    }
  }
}

/** Each message behind its length in two bytes (RFC 1035 §4.2.2). A query comes in one piece on a loopback. */
function serveTcp(streams: Server | null, answered: (bytes: Buffer) => Promise<Uint8Array | null>): () => void {
  const open = new Set<Stream>();
  streams?.on("connection", (stream) => {
    open.add(stream.on("error", () => {}));
    stream.on("data", async (bytes) => {
      const reply = await answered(bytes.subarray(2));
      if (reply === null) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.length);
      stream.write(Buffer.concat([length, reply]));
    });
  });
  return () => {
    streams?.close();
    for (const stream of open) stream.destroy();
  };
}

/**
 * What a resolver would print as this text, as labels: `\010` is a byte, `\.` a dot inside a label. Null for what no answer can
 * hold: a label that is empty or longer than 63 bytes, more than 255 bytes in all.
 */
export function wireLabels(text: string): Buffer[] | null {
  if (text === "" || text === ".") return [];
  const labels = [...text.replace(/\.$/, "").matchAll(/(?:\\\d{3}|\\.|[^.\\])+|(?<=\.|^)(?=\.|$)/gs)].map(([label]) =>
    Buffer.concat(
      [...label.matchAll(/\\(\d{3})|\\(.)|([^\\]+)/gs)].map(([, byte, one, plain]) =>
        byte === undefined ? Buffer.from(one ?? plain ?? "") : Buffer.from([Number(byte)]),
      ),
    ),
  );
  const length = labels.reduce((sum, label) => sum + label.length + 1, 1);
  return length > 255 || labels.some((label) => label.length === 0 || label.length > 63) ? null : labels;
}

const rawReply = (raw: Uint8Array | ((query: Buffer) => Uint8Array), query: Buffer) =>
  typeof raw === "function" ? raw(query) : raw;

function encodeReply(
  packets: typeof import("dns-packet"),
  query: DecodedPacket,
  reply: Exclude<HostileReply, { raw: unknown }>,
): Uint8Array | null {
  if ("silence" in reply) return null;
  const name = query.questions?.[0]?.name ?? ".";
  const answers = "answers" in reply ? reply.answers : ptrAnswers(name, reply);
  const flags =
    packets.RECURSION_DESIRED | packets.RECURSION_AVAILABLE | ("truncated" in reply ? packets.TRUNCATED_RESPONSE : 0);
  const id = ((query.id ?? 0) + ("wrongId" in reply ? 1 : 0)) & 0xffff;
  const bytes = packets.encode({ type: "response", id, flags, questions: query.questions, answers });
  if ("rcode" in reply) bytes[3] = ((bytes[3] ?? 0) & 0xf0) | rcodes.indexOf(reply.rcode);
  return bytes;
}

const rcodes: readonly Rcode[] = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];

/** dns-packet splits names at dots; under a type it does not know it takes bytes, and UNKNOWN_12 is PTR by number. */
function ptrAnswers(name: string, reply: HostileReply): Answer[] {
  const names = "ptr" in reply ? reply.ptr : "wrongId" in reply ? reply.wrongId : [];
  return names.map((labels) => ({ type: "UNKNOWN_12" as "NULL", name, ttl: 60, data: encodeName(labels) }));
}

function encodeName(labels: readonly RawLabel[]): Buffer {
  const parts = labels.map((label) => (typeof label === "string" ? Buffer.from(label, "utf8") : Buffer.from(label)));
  return Buffer.concat([...parts.flatMap((part) => [Buffer.from([part.length]), part]), Buffer.from([0])]);
}
