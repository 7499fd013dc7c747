import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Tags } from 'yaml';
import { refuseProto } from './json.ts';
import { bigInteger } from './json-number.ts';

/** YAML as Go's converter to JSON reads it: YAML 1.1 booleans and octals, no timestamps, no base-60 numbers, merge keys. */

export class YamlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'YamlError';
  }
}

export interface ParsedYaml {
  readonly value: unknown;
  /** Keys set twice, at most 100: `line 10: key "replicas" already set in map`. */
  readonly duplicates: readonly string[];
}

/** Aliases may expand a document to this many times its nodes before it is refused. */
const maxAliases = 100;

const unwanted = /timestamp|intTime|floatTime|TIME|:(?:set|omap|pairs)$/;

const wanted = (tags: Tags): Tags =>
  tags.filter(
    (tag) => typeof tag === 'string' || !(unwanted.test(tag.tag) || (tag as { format?: string }).format === 'TIME'),
  );

/** Reads one document into a private tree of JSON values. Throws `YamlError`. */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      version: '1.1',
      customTags: wanted,
      intAsBigInt: true,
      uniqueKeys: false,
      merge: true,
      lineCounter: lines,
      logLevel: 'error',
      prettyErrors: true,
    });
    const [error] = document.errors;
    if (error) throw new YamlError(explain(error.code, error.message));
    const duplicates = duplicatesOf(document, lines);
    const value = plain(document.toJS({ maxAliasCount: maxAliases }) as unknown);
    refuseProto(value);
    return { value, duplicates };
  } catch (error) {
    if (error instanceof RangeError) throw new YamlError('yaml: exceeded max depth');
    throw error instanceof YamlError ? error : new YamlError(`yaml: ${(error as Error).message.split('\n')[0]}`);
  }
}

function explain(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'yaml: the body holds several documents; send one object per request';
  return `yaml: ${message.split('\n')[0]}`;
}

const maxDuplicates = 100;

/** As Go's decoder finds them: what is inside a value comes before the value's own key, and its line is the value's. */
function duplicatesOf(document: Document, lines: LineCounter): string[] {
  const found: string[] = [];
  const look = (node: unknown): void => {
    if (isSeq(node)) for (const item of node.items) look(item);
    if (!isMap<Node, Node | null>(node)) return;
    const seen = new Set<unknown>();
    for (const { key, value } of node.items) {
      look(value);
      if (!isScalar(key) || key.value === '<<') continue;
      if (seen.has(key.value) && found.length < maxDuplicates) {
        const at = value?.range?.[0] ?? key.range?.[0] ?? 0;
        found.push(`line ${lines.linePos(at).line}: key ${keyText(key.value)} already set in map`);
      }
      seen.add(key.value);
    }
  };
  look(document.contents);
  return found;
}

/** A key as Go prints it with %#v. */
const keyText = (key: unknown) =>
  typeof key === 'string' ? JSON.stringify(key) : key === null ? 'interface {}(nil)' : String(key);

/** BigInts become numbers, or exact big integers; whatever JSON has no word for is refused. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : bigInteger(String(value));
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new YamlError(`yaml: unsupported value: ${value}`);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = plain(value[i]);
    return value;
  }
  const tree = value as Record<string, unknown>;
  for (const key of Object.keys(tree)) if (key !== '__proto__') tree[key] = plain(tree[key]);
  return tree;
}
