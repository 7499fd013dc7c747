import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  RECURSION_AVAILABLE,
  TRUNCATED_RESPONSE,
} from 'dns-packet';

/** Response codes of RFC 1035. */
export const rcode = { ok: 0, formatError: 1, serverFailure: 2, noSuchName: 3, notImplemented: 4, refused: 5 } as const;

/** Largest UDP answer to a client that names no size, and to one that names a greater one than fits most networks. */
const plainSize = 512;
const largestSize = 1232;

export interface Query {
  readonly packet: Packet;
  readonly name: string;
  readonly type: string;
  /** Bytes the client takes over UDP. */
  readonly size: number;
  readonly extended: boolean;
  /** 0 for an ordinary query. */
  readonly opcode: number;
}

/** A query with exactly one question; undefined for anything else. */
export function parseQuery(bytes: Buffer): Query | undefined {
  let packet: Packet;
  try {
    packet = decode(bytes);
  } catch {
    return undefined;
  }
  const question = packet.questions?.[0];
  if (packet.type !== 'query' || !question || packet.questions?.length !== 1) return undefined;
  const option = packet.additionals?.find((record) => record.type === 'OPT');
  const offered = option && 'udpPayloadSize' in option ? option.udpPayloadSize : plainSize;
  const opcode = ((packet.flags ?? 0) >> 11) & 15;
  const size = Math.min(largestSize, Math.max(plainSize, offered));
  return { packet, name: question.name, type: question.type, size, extended: option !== undefined, opcode };
}

export interface Reply {
  readonly code: number;
  readonly authoritative: boolean;
  readonly answers?: readonly Answer[];
  readonly authorities?: readonly Answer[];
  readonly additionals?: readonly Answer[];
}

/** The answer's bytes. One that is too long for the client over UDP loses records and says so. */
export function encodeReply(query: Query, reply: Reply, transport: 'udp' | 'tcp'): Buffer {
  const option: Answer = {
    name: '.',
    type: 'OPT',
    udpPayloadSize: largestSize,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  const build = (answers: readonly Answer[], additionals: readonly Answer[], truncated: boolean) =>
    encode({
      type: 'response',
      ...(query.packet.id !== undefined && { id: query.packet.id }),
      flags:
        reply.code |
        RECURSION_AVAILABLE |
        ((query.packet.flags ?? 0) & 0x0100) |
        (reply.authoritative ? AUTHORITATIVE_ANSWER : 0) |
        (truncated ? TRUNCATED_RESPONSE : 0),
      questions: [...(query.packet.questions ?? [])],
      answers: [...answers],
      authorities: [...(reply.authorities ?? [])],
      additionals: query.extended ? [...additionals, option] : [...additionals],
    });
  const answers = reply.answers ?? [];
  const whole = build(answers, reply.additionals ?? [], false);
  if (transport === 'tcp' || whole.length <= query.size) return whole;
  const bare = build(answers, [], false);
  if (bare.length <= query.size) return bare;
  for (let keep = answers.length; ; keep = Math.floor(keep / 2)) {
    const cut = build(answers.slice(0, keep), [], true);
    if (cut.length <= query.size || keep === 0) return cut;
  }
}
