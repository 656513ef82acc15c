/** A DNS server in this process, UDP only, that answers whatever a test wants to see handled. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
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
  /** Says "too long, ask by TCP", where nobody listens. */
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

/** Starts it; `handler` gets each question and how often that very one was asked before, and may take its time. */
export async function startHostileDns(
  handler: (question: Question, before: number) => HostileReply | Promise<HostileReply>,
): Promise<HostileDns> {
  // Loaded here, so that a bundle that never calls this leaves it out.
  const packets = await import("dns-packet");
  const asked: Question[] = [];
  let open = true;
  const socket = createSocket("udp4");
  socket.on("message", async (bytes, from) => {
    const query = packets.decode(bytes);
    const question = query.questions?.[0];
    if (question === undefined) return;
    const seen = { type: question.type, name: question.name.toLowerCase() };
    const before = asked.filter(({ type, name }) => type === seen.type && name === seen.name).length;
    asked.push(seen);
    const answer = await handler(seen, before);
    const reply = "raw" in answer ? rawReply(answer.raw, bytes) : encodeReply(packets, query, answer);
    if (reply !== null && open) socket.send(reply, from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const stop = async () => {
    if (!open) return;
    open = false;
    socket.close();
    await once(socket, "close");
  };
  return { server: `127.0.0.1:${socket.address().port}`, asked, stop };
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
