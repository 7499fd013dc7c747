import { stringify } from 'yaml';
import { bigInteger } from '../../api/json-number.ts';
import type { Clock } from '../../base/clock.ts';
import type { Body } from './body-style.ts';
import { type JsonList, listTail } from './json-list.ts';
import type { Format } from './negotiate.ts';
import { inSlices } from './slices.ts';

/** JSON in another dress, for people: with line breaks, or as YAML. */

/** Go reads YAML 1.1, where a bare `yes` is a boolean, and writes keys in order. */
const forGo = { compat: 'yaml-1.1', lineWidth: 0, sortMapEntries: true, indentSeq: false } as const;

/** A reviver that keeps the integers a double cannot hold. */
const exactly =
  (integer: (digits: string) => unknown) =>
  (_: string, value: unknown, { source }: { source?: string } = {}): unknown =>
    Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?[0-9]+$/.test(source ?? '')
      ? integer(source!)
      : value;

const asYaml = (json: string): string => stringify(JSON.parse(json, exactly(BigInt)), forGo);
const asLines = (json: string): string => JSON.stringify(JSON.parse(json, exactly(bigInteger)), null, 2);

/** The dress of a body, and how a list in it takes its items. */
interface Dress {
  readonly one: (json: string) => string;
  readonly end: string;
  /** A dressed list without items, and where they go. */
  readonly gap: RegExp;
  readonly item: (text: string) => string;
  readonly filled: (items: readonly string[], key: string) => string;
}

const yaml: Dress = {
  one: asYaml,
  end: '',
  gap: /^(items|rows): \[\]$/m,
  item: (text) => `- ${text.replace(/\n$/, '').replace(/\n(?!\n)/g, '\n  ')}`,
  filled: (items, key) => `${key}:\n${items.join('\n')}`,
};

const lines: Dress = {
  one: asLines,
  end: '\n',
  gap: /\[\](?=\n\}\n$)/,
  item: (text) => `    ${text.replaceAll('\n', '\n    ')}`,
  filled: (items) => `[\n${items.join(',\n')}\n  ]`,
};

const dressOf = (format: Format) => (format.media === 'yaml' ? yaml : lines);

export function restyled(body: Body, format: Format): string {
  const { one, end } = dressOf(format);
  return one(body.toString()) + end;
}

/** Items dressed between looks at the clock: each costs much. */
const fewItems = 16;

/** The same of a list, an item at a time. */
export function restyledList(clock: Clock, { head, items }: JsonList, format: Format): string | Promise<string> {
  const { one, end, gap, item, filled } = dressOf(format);
  const empty = one(head + listTail) + end;
  if (items.length === 0) return empty;
  const texts = new Array<string>(items.length);
  const dressing = inSlices(clock, items, (json, i) => void (texts[i] = item(one(json.toString()))), fewItems);
  const whole = () => empty.replace(gap, (_, key: string) => filled(texts, key));
  return dressing ? dressing.then(whole) : whole();
}
