import { conform } from '../../src/api/conform.ts';
import { kindFacts, typeFacts } from '../../src/api/facts.ts';
import { type KubeObject, type ListMeta, parseApiVersion } from '../../src/api/object.ts';
import { decodeMessage } from '../../src/api/protobuf/decode.ts';
import { openEnvelope } from '../../src/api/protobuf/envelope.ts';
import { WireReader } from '../../src/api/protobuf/wire-reader.ts';

/** What a client that speaks protobuf makes of an answer: the object or list in its envelope. */
export type Answered = KubeObject & { readonly metadata: ListMeta; readonly items?: readonly KubeObject[] };

/** Reads an enveloped object into canonical form, as Go's client would hold it. Throws for fields it does not know. */
export function readProtobuf(bytes: Uint8Array): Answered {
  const { apiVersion, kind, raw } = openEnvelope(bytes);
  const gv = parseApiVersion(apiVersion)!;
  const type =
    gv.group === 'meta.k8s.io' ? typeFacts(`meta/${gv.version}.${kind}`) : kindFacts(gv.group, gv.version, kind);
  if (!type) throw new Error(`no kind ${kind} in ${apiVersion}`);
  const { tree, unknown } = decodeMessage(type, raw);
  if (unknown.length > 0) throw new Error(`${kind} has unknown fields: ${unknown.join(', ')}`);
  return conform(type, { apiVersion, kind, ...tree }).value as Answered;
}

/** An event of a watch in protobuf. */
export interface ProtobufEvent {
  readonly type: string;
  readonly object: Answered;
}

/** Takes the chunks of a watch's answer as they come and gives the events that are whole. */
export function eventReader(): (chunk: Buffer) => ProtobufEvent[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const events: ProtobufEvent[] = [];
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0);
      events.push(readEvent(rest.subarray(4, end)));
      rest = rest.subarray(end);
    }
    return events;
  };
}

/** WatchEvent {type 1, object 2 {raw 1}}, without an envelope of its own. */
function readEvent(bytes: Buffer): ProtobufEvent {
  const reader = new WireReader(bytes);
  let type = '';
  let object: Answered | undefined;
  for (let number = reader.next(); number > 0; number = reader.next()) {
    if (number === 1) type = reader.text();
    else if (number === 2) {
      const outer = reader.enter();
      reader.next();
      object = readProtobuf(reader.bytes());
      reader.leave(outer);
    } else throw new Error(`a watch event has no field ${number}`);
  }
  return { type, object: object! };
}
