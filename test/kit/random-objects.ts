import type { FieldFacts, TypeFacts } from '../../src/api/facts.ts';
import { bigInteger } from '../../src/api/json-number.ts';

/**
 * Random objects out of the type facts: the right fields, mostly of the right types, with the values that people and
 * attackers write. Everything follows from the seed, so a seed is all a failure needs to say.
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** mulberry32: 0 to 1, small and good enough to walk a type. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

type Tree = Record<string, unknown>;

const words = [
  'web',
  'db',
  'a',
  'app',
  'x-1',
  'example.com/name',
  'default',
  'kube-system',
  '',
  'A_b',
  '-',
  'a..b',
  '*',
  'http',
  'TCP',
  'UDP',
  'http://[',
  '10.0.0.1',
  '10.0.0.0/24',
  '::1',
  '300.1.1.1',
  '/data',
  '../etc',
  '/a/../b',
  'nginx:1',
  'krill-test/web:1',
  'True',
  'false',
  '1',
  '0',
  '100m',
  '1Gi',
  '-5',
  '1e3',
  '25%',
  '5s',
  '1h',
  '*/5 * * * *',
  '@every 1s',
  'yes',
  'null',
  'ü',
  '\u0000',
  '😀',
  'In',
  'NotIn',
  'Exists',
  'Equal',
  'NoSchedule',
  'Always',
  'IfNotPresent',
  'ClusterIP',
  'None',
  'kubernetes.io/hostname',
  '^(a+)+$',
  '2026-01-02T03:04:05Z',
  '2026-01-02T03:04:05.123456Z',
  '$(VAR)',
  'spec.nodeName',
  'self.x > 1',
  'x'.repeat(70),
  'y'.repeat(300),
  'metadata.name',
  'status.phase',
  'apps/v1',
  'Deployment',
  'object',
  'string',
  'integer',
  'array',
  'date-time',
  '.spec.replicas',
];
const keys = [
  'app',
  'a',
  'example.com/x',
  'tier',
  '',
  '-bad-',
  'kubernetes.io/x',
  'constructor',
  'toString',
  'k'.repeat(80),
  'cpu',
  'memory',
];
const integers = [
  0, 1, 2, 3, 5, 10, 80, 443, 8080, 30000, 65535, 65536, -1, -5, 2147483647, 2147483648, 9007199254740991,
];
const exact = ['9007199254740993', '9223372036854775807', '-9223372036854775808', '9223372036854775808'];
const quantities = ['0', '1', '100m', '1Gi', '-1', '1.5', '0.0001', '1e20', 'abc', '10Ki', '500M'];
const times = ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.123456Z', '0001-01-01T00:00:00Z', 'yesterday', ''];
const durations = ['1s', '5m', '1h30m', '-1s', '0s', 'soon'];
const base64 = ['aGVsbG8=', '', 'not base64!', 'AA==', 'aGVs\nbG8='];

/** Deeper than real objects go, so that recursive types end. */
const maxDepth = 9;

/** Anything JSON can say, small. */
export function anyJson(random: Random, depth = 0): unknown {
  const kind = random.below(depth > 3 ? 5 : 7);
  if (kind === 0) return null;
  if (kind === 1) return random.chance(0.5);
  if (kind === 2) return random.pick(integers);
  if (kind === 3) return random.next() * 1e6;
  if (kind === 4) return random.pick(words);
  const items = Array.from({ length: random.below(4) }, () => anyJson(random, depth + 1));
  if (kind === 5) return items;
  return Object.fromEntries(items.map((item) => [random.pick(keys), item]));
}

function integer(random: Random): unknown {
  return random.chance(0.02) ? bigInteger(random.pick(exact)) : random.pick(integers);
}

const scalars: Readonly<Partial<Record<TypeFacts['shape'], (random: Random) => unknown>>> = {
  string: (random) => random.pick(words),
  bool: (random) => random.chance(0.5),
  int32: integer,
  int64: integer,
  float: (random) => random.pick([0, 1.5, -2, 1e300]),
  bytes: (random) => random.pick(base64),
  time: (random) => random.pick(times),
  microTime: (random) => random.pick(times),
  duration: (random) => random.pick(durations),
  quantity: (random) => random.pick(quantities),
  intOrString: (random) => (random.chance(0.5) ? integer(random) : random.pick(words)),
  any: (random) => anyJson(random),
  object: (random) => {
    const value = anyJson(random);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  },
};

/** A value of a type; one in two hundred is of no type in particular. */
export function randomValue(type: TypeFacts, random: Random, depth = 0): unknown {
  if (random.chance(0.005)) return anyJson(random);
  if (type.shape === 'struct') return randomStruct(type, random, depth);
  if (type.shape === 'list')
    return Array.from({ length: random.pick([0, 1, 1, 1, 2, 3]) }, () => randomValue(type.element!, random, depth + 1));
  if (type.shape === 'map')
    return Object.fromEntries(
      Array.from({ length: random.pick([0, 1, 1, 2]) }, () => [
        random.pick(keys),
        randomValue(type.element!, random, depth + 1),
      ]),
    );
  if (type.shape === 'schemaOr')
    return random.chance(0.5) ? randomValue(type.element!, random, depth + 1) : { type: 'string' };
  if (type.enum?.length && random.chance(0.95)) return random.pick(type.enum);
  return scalars[type.shape]!(random);
}

/** Fields that a struct gets: most of the required ones, fewer of the others the deeper it is. */
function wanted(field: FieldFacts, random: Random, depth: number): boolean {
  if (depth > maxDepth) return false;
  return random.chance(field.optional ? 0.35 / (1 + depth / 2) : 0.97);
}

function randomStruct(type: TypeFacts, random: Random, depth: number): Tree {
  const tree: Tree = {};
  for (const field of type.fields.values())
    if (wanted(field, random, depth)) tree[field.name] = randomValue(field.type, random, depth + 1);
  if (random.chance(0.01)) tree[random.pick(keys)] = anyJson(random);
  return tree;
}

/** An object of a kind with metadata that a server could take. */
export function randomObject(
  kind: { readonly apiVersion: string; readonly kind: string; readonly type: TypeFacts },
  name: string,
  random: Random,
): Tree {
  const tree = randomStruct(kind.type, random, 0);
  const metadata: Tree = { name };
  if (random.chance(0.3)) metadata['labels'] = { app: random.pick(['web', 'db', 'a']) };
  if (random.chance(0.2)) metadata['annotations'] = { note: random.pick(words) };
  if (random.chance(0.05)) metadata['finalizers'] = [random.pick(['example.com/hold', 'bad'])];
  if (random.chance(0.03))
    Object.assign(metadata, randomStruct(kind.type.fields.get('metadata')!.type, random, 2), { name });
  return { ...tree, apiVersion: kind.apiVersion, kind: kind.kind, metadata };
}
