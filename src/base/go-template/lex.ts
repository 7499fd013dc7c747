/** What a template cannot be read or carried out for. `line` counts from 1. */
export class TemplateError extends Error {
  constructor(message: string, line?: number) {
    super(line === undefined ? message : `line ${line}: ${message}`);
    this.name = 'TemplateError';
  }
}

/** A stretch of plain text, or what stands between the braces of an action. */
export type Piece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'action'; readonly tokens: readonly Token[]; readonly line: number };

export interface Token {
  readonly type: 'word' | 'field' | 'variable' | 'number' | 'string' | 'sign';
  /** Without quotes, the leading dot of a field, but with the dollar of a variable. */
  readonly text: string;
  /** Whether it follows the one before without a space: ".a" after ")" is a field of it. */
  readonly attached: boolean;
}

const open = '{{';
const close = '}}';

/** Splits a template into text and actions; "{{-" and "-}}" take the white space beside them. */
export function split(template: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  while (at < template.length) {
    const start = template.indexOf(open, at);
    const end = start < 0 ? template.length : start;
    const trimsBefore = start >= 0 && /^-\s/.test(template.slice(start + 2, start + 4));
    let text = template.slice(at, end);
    if (trimNext) text = text.trimStart();
    if (trimsBefore) text = text.trimEnd();
    if (text) pieces.push({ type: 'text', text });
    if (start < 0) break;
    const line = lineOf(template, start);
    const from = start + (trimsBefore ? 3 : 2);
    const comment = /^\s*\/\*[\s\S]*?\*\/\s*(-?)\}\}/.exec(template.slice(from));
    if (comment) {
      trimNext = comment[1] === '-';
      at = from + comment[0].length;
      continue;
    }
    const { tokens, next, trims } = lexAction(template, from, line);
    pieces.push({ type: 'action', tokens, line });
    trimNext = trims;
    at = next;
  }
  return pieces;
}

const lineOf = (text: string, at: number) => text.slice(0, at).split('\n').length;

const patterns: readonly (readonly [Token['type'], RegExp])[] = [
  ['variable', /\$[A-Za-z0-9_]*/y],
  ['number', /[-+]?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![A-Za-z_])/y],
  ['field', /\.[A-Za-z_][A-Za-z0-9_]*/y],
  ['word', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['string', /"(?:[^"\\\n]|\\.)*"/y],
  ['string', /`[^`]*`/y],
  ['sign', /:=|[.|(),=]/y],
];

function lexAction(template: string, from: number, line: number) {
  const tokens: Token[] = [];
  let at = from;
  let attached = false;
  for (;;) {
    const space = /\s*/y;
    space.lastIndex = at;
    const blank = space.exec(template)![0].length;
    if (blank > 0) attached = false;
    at += blank;
    if (at >= template.length) throw new TemplateError('unclosed action', line);
    if (template.startsWith(close, at)) return { tokens, next: at + 2, trims: false };
    if (blank > 0 && template.startsWith(`-${close}`, at)) return { tokens, next: at + 3, trims: true };
    const token = lexToken(template, at);
    if (!token) throw new TemplateError(`unexpected ${JSON.stringify(template[at])} in an action`, line);
    tokens.push({ type: token.type, text: meaningOf(token, line), attached });
    at += token.raw.length;
    attached = true;
  }
}

function lexToken(template: string, at: number): { type: Token['type']; raw: string } | undefined {
  for (const [type, pattern] of patterns) {
    pattern.lastIndex = at;
    const raw = pattern.exec(template)?.[0];
    if (raw !== undefined) return { type, raw };
  }
  return undefined;
}

function meaningOf({ type, raw }: { type: Token['type']; raw: string }, line: number): string {
  if (type === 'field') return raw.slice(1);
  if (type !== 'string') return raw;
  if (raw.startsWith('`')) return raw.slice(1, -1);
  try {
    return JSON.parse(raw) as string;
  } catch {
    throw new TemplateError(`${raw} is not a string`, line);
  }
}
