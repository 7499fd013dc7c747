import type { FieldFacts, TypeFacts } from '../../src/api/facts.ts';
import { bigInteger } from '../../src/api/json-number.ts';

/**
 * Objects of any kind out of random choices: mostly of the right type, often a word that means something to some field, and
 * sometimes plain wrong.
 */

/** Where the choices come from. */
export interface Choices {
  /** A number below `count`. */
  next(count: number): number;
  of<T>(choices: readonly T[]): T;
}

/** Deeper than any real object; recursive types end here. */
const maxDepth = 16;
const wrongEvery = 200;

const words = [
  'a',
  '',
  'b',
  'default',
  'example.com/name',
  'a.example.com',
  'Bad_Name',
  '*',
  'http',
  '/data/../x',
  '/var/lib',
  'https://a.b/c?d#e',
  '10.0.0.1',
  'fd00::1',
  '10.0.0.0/8',
  '50%',
  '1',
  '-1',
  '0 0 * * *',
  'Europe/Berlin',
  'v1',
  'apps/v1',
  'Pod',
  'Always',
  'Never',
  'True',
  'In',
  'Exists',
  'Equal',
  'NoSchedule',
  'TCP',
  'ClusterIP',
  'ExternalName',
  'Limited',
  'Queue',
  'Service',
  'User',
  'ServiceAccount',
  'CREATE',
  'kubernetes.io/hostname',
  'metadata.name',
  'spec.nodeName',
  'device.driver == "a"',
  'object.spec.x > (',
  'constructor',
  'toString',
  'x'.repeat(300),
  '\u0000\n\t',
  '\ud83d\ude00',
  'a/b/c/d',
] as const;

const numbers = [1, 0, -1, 2, 80, 100, 101, 65_536, 2 ** 31 - 1, -(2 ** 31)];
const longNumbers = [...numbers, 2 ** 53, bigInteger('9223372036854775807'), bigInteger('-9223372036854775808')];
const quantities = ['1', '0', '-1', '100m', '1Gi', '1e3', '3n', 5, '9E', '0.5'];
const durations = ['1s', '0s', '-1h', '1h30m', '300ms'];
const times = ['2026-01-01T00:00:00Z', '1999-12-31T23:59:59Z', '2026-06-01T12:00:00+02:00'];
const bytes = ['', 'YQ==', 'LS0tLS1CRUdJTiBBLS0tLS0KQUE9PQotLS0tLUVORCBBLS0tLS0K'];
const trees = [{}, { a: 1 }, { a: { b: [true, null, 'c'] } }, { kind: 'X', apiVersion: 'v1' }];
const wrongs = [null, true, 'wrong', 7, 1.5, [], {}, [[]], { wrong: 1 }];

/**
 * Choices out of bytes: each takes one, and none are taken after the last, so that fewer bytes make smaller objects, which
 * is how fast-check shrinks them.
 */
export class Tape implements Choices {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** A number below `count`, 0 once the bytes are used up. */
  next(count: number): number {
    const byte = this.#bytes[this.#at++];
    return byte === undefined ? 0 : byte % count;
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.next(choices.length)]!;
  }
}

/** Choices without end that follow from a seed: mulberry32. */
export class Seeded implements Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  next(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * count);
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.next(choices.length)]!;
  }
}

/** Anything JSON can say, small. */
export function anyJson(tape: Choices, depth = 0): unknown {
  const kind = tape.next(depth > 3 ? 4 : 6);
  if (kind === 0) return null;
  if (kind === 1) return tape.next(2) === 1;
  if (kind === 2) return tape.of(longNumbers);
  if (kind === 3) return tape.of(words);
  const items = Array.from({ length: tape.next(4) }, () => anyJson(tape, depth + 1));
  return kind === 4 ? items : Object.fromEntries(items.map((item) => [tape.of(words), item]));
}

function text(type: TypeFacts, tape: Choices): string {
  const known = type.enum;
  return known?.length && tape.next(8) < 7 ? tape.of(known) : tape.of(words);
}

function struct(type: TypeFacts, tape: Choices, depth: number): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  if (depth > maxDepth) return object;
  const set = (field: FieldFacts) => {
    object[field.name] = randomValue(field.type, tape, depth + 1);
  };
  const optional: FieldFacts[] = [];
  for (const field of type.fields.values()) {
    if (field.optional) optional.push(field);
    else if (tape.next(8) < 7) set(field);
  }
  if (optional.length > 0) for (let picks = tape.next(5); picks > 0; picks--) set(tape.of(optional));
  return object;
}

/** A value of a type, sometimes of another. */
export function randomValue(type: TypeFacts, tape: Choices, depth: number): unknown {
  if (tape.next(wrongEvery) === wrongEvery - 1) return tape.of(wrongs);
  switch (type.shape) {
    case 'struct':
      return struct(type, tape, depth);
    case 'list':
      return Array.from({ length: tape.next(4) }, () => randomValue(type.element!, tape, depth + 1));
    case 'map':
      return Object.fromEntries(
        Array.from({ length: tape.next(3) }, () => [tape.of(words), randomValue(type.element!, tape, depth + 1)]),
      );
    case 'string':
      return text(type, tape);
    case 'bool':
      return tape.next(2) === 1;
    case 'int32':
      return tape.of(numbers);
    case 'int64':
      return tape.of(longNumbers);
    case 'float':
      return tape.of([0.5, ...numbers]);
    case 'intOrString':
      return tape.next(2) === 1 ? tape.of(numbers) : tape.of(words);
    case 'quantity':
      return tape.of(quantities);
    case 'duration':
      return tape.of(durations);
    case 'time':
    case 'microTime':
      return tape.of(times);
    case 'bytes':
      return tape.of(bytes);
    case 'schemaOr':
      return tape.next(2) === 1 || depth > maxDepth ? tape.of([true, false, []]) : {};
    default:
      return tape.of(trees);
  }
}

/** An object of a kind, with a name and a namespace of its own in most cases. */
export function randomObject(type: TypeFacts, tape: Choices): Record<string, unknown> {
  const { apiVersion: _, kind: __, ...object } = struct(type, tape, 0);
  if (tape.next(8) === 7) return object;
  return { ...object, metadata: { name: tape.of(words) || 'a', namespace: 'default' } };
}
