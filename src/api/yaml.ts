import {
  Composer,
  type CST,
  type Document,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  type Tags,
  type YAMLParseError,
} from 'yaml';
import { maxDepth, refuseProto } from './json.ts';
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

const options = {
  version: '1.1',
  customTags: wanted,
  intAsBigInt: true,
  uniqueKeys: false,
  merge: true,
  logLevel: 'error',
} as const;

/** Reads one document into a private tree of JSON values. Throws `YamlError`. */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  const { stackTraceLimit } = Error;
  // The library makes an error of each comma too many, and only the first is told: none needs to know where it was made.
  Error.stackTraceLimit = 0;
  try {
    const document = compose(text, lines);
    const [error] = document.errors;
    if (error) throw new YamlError(explain(error, lines));
    const duplicates = duplicatesOf(document, lines);
    const value = plain(document.toJS({ maxAliasCount: maxAliases }) as unknown);
    refuseProto(value);
    return { value, duplicates };
  } catch (error) {
    if (error instanceof RangeError) throw new YamlError(tooDeep);
    throw error instanceof YamlError ? error : new YamlError(`yaml: ${(error as Error).message.split('\n')[0]}`);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

const tooDeep = 'yaml: exceeded max depth';
const tooEntangled = 'yaml: document contains excessive aliasing';

/**
 * The parts of a document that its lexer tells apart, some eight a line: the library spends a microsecond and hundreds of
 * bytes on each. An object of 1.5 MB, the most that upstream stores, has fewer unless it is made of nothing but tiny scalars.
 */
const maxParts = 1_000_000;
const tooMany = `yaml: the document has more than ${maxParts} parts; JSON of any form is taken`;

/** Anchors and aliases in a document: each alias is looked for among all of them. */
const maxAnchors = 10_000;
const marksAnchor = (lexeme: string) => lexeme.startsWith('&') || lexeme.startsWith('*');

/**
 * Composes the only document, and stops where it gets too deep or makes no sense: what a few megabytes of brackets would
 * cost is paid for the first few hundred.
 */
function compose(text: string, lines: LineCounter): Document {
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer(options);
  const documents: Document[] = [];
  const take = (tokens: Iterable<CST.Token>): boolean => {
    for (const token of tokens) {
      documents.push(...composer.next(token));
      if (token.type === 'error') return false;
    }
    return true;
  };
  lines.addNewLine(0);
  let whole = true;
  let anchors = 0;
  let parts = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++parts > maxParts) throw new YamlError(tooMany);
    if (marksAnchor(lexeme) && ++anchors > maxAnchors) throw new YamlError(tooEntangled);
    whole = take(parser.next(lexeme));
    if (!whole || documents.length > 1) break;
    if (parser.stack.length > maxDepth) throw new YamlError(tooDeep);
  }
  if (whole) take(parser.end());
  documents.push(...composer.end(true, text.length));
  if (documents.length > 1) throw new YamlError('yaml: the body holds several documents; send one object per request');
  return documents[0]!;
}

function explain({ message, pos }: YAMLParseError, lines: LineCounter): string {
  const { line, col } = lines.linePos(pos[0]);
  return `yaml: ${message} at line ${line}, column ${col}`;
}

const maxDuplicates = 100;

/** Keys set twice, in Go's order: what is inside a value comes before the value's own key, and its line is the value's. */
function duplicatesOf(document: Document, lines: LineCounter): string[] {
  const found: string[] = [];
  const look = (node: unknown): void => {
    if (isSeq(node)) for (const item of node.items) look(item);
    if (!isMap<Node | null, Node | null>(node)) return;
    const seen = new Set<unknown>();
    for (const { key, value } of node.items) {
      if (key && !isScalar(key)) throw new YamlError(`yaml: invalid map key: ${notScalar(key)}`);
      look(value);
      if (!key || key.value === '<<') continue;
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

/** What stands where a key does. JSON has no such keys, and to write them as text takes twice as long with each level. */
const notScalar = (key: Node): string => (isMap(key) ? 'a map' : isSeq(key) ? 'a list' : 'an alias');

/** A key as Go prints it with %#v. */
const keyText = (key: unknown) =>
  typeof key === 'string' ? JSON.stringify(key) : key === null ? 'interface {}(nil)' : String(key);

/** BigInts become numbers, or exact big integers; whatever JSON has no word for, or is too deep by its aliases, is refused. */
function plain(value: unknown, levels = maxDepth): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : bigInteger(String(value));
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new YamlError(`yaml: unsupported value: ${value}`);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (levels === 0) throw new YamlError(tooDeep);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = plain(value[i], levels - 1);
    return value;
  }
  const tree = value as Record<string, unknown>;
  for (const key of Object.keys(tree)) if (key !== '__proto__') tree[key] = plain(tree[key], levels - 1);
  return tree;
}
