import type { CelType } from '../../../../src/api/cel/cel-type.ts';
import { ValueList } from '../../../../src/api/cel/values/list.ts';
import { ValueMap } from '../../../../src/api/cel/values/map.ts';
import { parseGoDuration, parseTimestamp } from '../../../../src/api/cel/values/time.ts';
import { Duration, TypeValue, Uint, type Value } from '../../../../src/api/cel/values/value.ts';

/** The official vectors' way to write values and types: `cel.expr.Value` and `cel.expr.Type` as protobuf's JSON. */

export type Json = Readonly<Record<string, unknown>>;

/** What needs protobuf messages. */
export class NeedsProtobuf extends Error {}

type Read = (content: never) => Value;

const wellKnown: Readonly<Record<string, (json: Json) => Value>> = {
  'type.googleapis.com/google.protobuf.Duration': ({ value }) => new Duration(parseGoDuration(value as string)),
  'type.googleapis.com/google.protobuf.Timestamp': ({ value }) => parseTimestamp(value as string),
};

const readers: Readonly<Record<string, Read>> = {
  int64Value: (text: string) => BigInt(text),
  uint64Value: (text: string) => new Uint(BigInt(text)),
  doubleValue: (value: number | string) => (value === '-Infinity' ? Number.NEGATIVE_INFINITY : Number(value)),
  stringValue: (text: string) => text,
  bytesValue: (text: string) => new Uint8Array(Buffer.from(text, 'base64')),
  boolValue: (value: boolean) => value,
  nullValue: () => null,
  listValue: ({ values = [] }: { values?: Json[] }) => new ValueList(values.map(readValue)),
  mapValue: ({ entries = [] }: { entries?: { key: Json; value: Json }[] }) =>
    ValueMap.of(entries.map(({ key, value }) => [readValue(key), readValue(value)] as const)),
  typeValue: (name: string) => new TypeValue(name),
  objectValue: (message: Json) => {
    const read = wellKnown[message['@type'] as string];
    if (!read) throw new NeedsProtobuf(String(message['@type']));
    return read(message);
  },
};

export function readValue(json: Json): Value {
  const [[kind, content] = ['', undefined]] = Object.entries(json);
  const read = readers[kind];
  if (!read) throw new NeedsProtobuf(kind);
  return read(content as never);
}

const scalars: Readonly<Record<string, CelType>> = {
  BOOL: { kind: 'bool' },
  INT64: { kind: 'int' },
  UINT64: { kind: 'uint' },
  DOUBLE: { kind: 'double' },
  STRING: { kind: 'string' },
  BYTES: { kind: 'bytes' },
  TIMESTAMP: { kind: 'timestamp' },
  DURATION: { kind: 'duration' },
  'google.protobuf.Timestamp': { kind: 'timestamp' },
  'google.protobuf.Duration': { kind: 'duration' },
};

export function readType(json: Json): CelType {
  const [[kind, content] = ['', undefined]] = Object.entries(json);
  const parts = content as Json;
  switch (kind) {
    case 'primitive':
    case 'wellKnown':
    case 'messageType': {
      const scalar = scalars[content as string];
      if (scalar) return scalar;
      break;
    }
    case 'dyn':
      return { kind: 'dyn' };
    case 'null':
      return { kind: 'null' };
    case 'type':
      return { kind: 'type' };
    case 'listType':
      return { kind: 'list', element: readType(parts['elemType'] as Json) };
    case 'mapType':
      return { kind: 'map', key: readType(parts['keyType'] as Json), value: readType(parts['valueType'] as Json) };
    case 'abstractType':
      if (parts['name'] === 'optional_type')
        return { kind: 'optional', of: readType((parts['parameterTypes'] as Json[])[0]!) };
  }
  throw new NeedsProtobuf(JSON.stringify(json));
}
