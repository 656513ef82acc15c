/** A DNS server that misbehaves as told: silence, error codes, garbage, names that no honest server sends. */
import dgram from "node:dgram";
import packet from "dns-packet";

export interface Question {
  type: string;
  name: string;
}

/** What to send back. `raw`: the bytes as they are; `ptr`: PTR records with these labels, byte by byte. */
export type Reaction =
  | { kind: "silence" }
  | { kind: "code"; code: "NXDOMAIN" | "SERVFAIL" | "REFUSED" | "NOTIMP" | "FORMERR" }
  | { kind: "raw"; bytes: (query: Buffer) => Buffer }
  | { kind: "ptr"; names: readonly (readonly Buffer[])[] }
  | { kind: "records"; answers: packet.Answer[]; flags?: number };

export interface HostileDns {
  server: string;
  questions: Question[];
  stop(): Promise<void>;
}

const codes = { FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };
const recursion = packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE;

/** Starts the server on a free loopback port; `react` is asked for every question. UDP only: TCP finds nobody. */
export async function hostileDns(react: (question: Question) => Reaction | Promise<Reaction>): Promise<HostileDns> {
  const socket = dgram.createSocket("udp4");
  const questions: Question[] = [];
  let open = true;
  socket.on("message", async (query, peer) => {
    const asked = packet.decode(query).questions?.[0];
    if (asked === undefined) return;
    const question = { type: asked.type as string, name: asked.name };
    questions.push(question);
    const answer = encode(query, await react(question));
    if (answer !== null && open) socket.send(answer, peer.port, peer.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const stop = async (): Promise<void> => {
    open = false;
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  };
  return { server: `127.0.0.1:${socket.address().port}`, questions, stop };
}

function encode(query: Buffer, reaction: Reaction): Buffer | null {
  if (reaction.kind === "silence") return null;
  if (reaction.kind === "raw") return reaction.bytes(query);
  if (reaction.kind === "ptr") return ptrAnswer(query, reaction.names);
  const { id, questions } = packet.decode(query);
  const flags = reaction.kind === "code" ? codes[reaction.code] : (reaction.flags ?? 0);
  const answers = reaction.kind === "records" ? reaction.answers : [];
  return packet.encode({
    type: "response",
    id: id ?? 0,
    flags: recursion | flags,
    questions: questions ?? [],
    answers,
  });
}

/** RFC 1035 §4.1 by hand: dns-packet knows names as text, and text cannot say what a hostile label holds. */
function ptrAnswer(query: Buffer, names: readonly (readonly Buffer[])[]): Buffer {
  const question = query.subarray(12, query.indexOf(0, 12) + 5);
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(names.length, 6);
  const records = names.map((labels) => {
    const data = Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), label]), Buffer.from([0])]);
    const head = Buffer.from([0xc0, 0x0c, 0, 12, 0, 1, 0, 0, 0, 60, 0, 0]);
    head.writeUInt16BE(data.length, 10);
    return Buffer.concat([head, data]);
  });
  return Buffer.concat([header, question, ...records]);
}

/**
 * A name as the bytes of its labels; null where none can be sent (a label over 63 bytes or empty, 255 in all). `\010` and `\.` are
 * the escapes with which node:dns shows a byte and a dot inside a label: they are sent as that byte and that dot.
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
