import type { Findings } from './source.ts';

/** Tokens of CEL. Text that is none is reported and left out, as the lexer that ANTLR generates does. */

/** Punctuation and keywords are their own kinds. */
export type TokenKind = string;

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly offset: number;
}

const keywords = new Set(['in', 'true', 'false', 'null']);

const blank = /[\t \r\n\f]+|\/\/[^\n]*/y;
const number =
  /(?:(0[xX][0-9a-fA-F]+|[0-9]+)[uU])|([0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)|0[xX][0-9a-fA-F]+|[0-9]+/y;
const identifier = /[_a-zA-Z][_a-zA-Z0-9]*/y;
const escaped = /`[a-zA-Z0-9_.\-/ ]+`/y;
const punctuation = /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y;
const quote = /([bB]?[rR]?|[rR][bB]?)("""|'''|"|')/y;

export function lex(text: string, findings: Findings): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const emit = (kind: TokenKind, length: number) => {
    tokens.push({ kind, text: text.slice(at, at + length), offset: at });
    at += length;
  };
  while (at < text.length) {
    const space = take(blank);
    if (space) {
      at += space[0].length;
      continue;
    }
    const opening = take(quote);
    if (opening) {
      const end = stringEnd(text, at + opening[0].length, opening[1]!, opening[2]!);
      if (end.closed) emit(/b/i.test(opening[1]!) ? 'BYTES' : 'STRING', end.at - at);
      else if (opening[2]!.length === 3) emit(/b/i.test(opening[1]!) ? 'BYTES' : 'STRING', opening[0].length - 1);
      else at = unknown(text, at, end.at, findings);
      continue;
    }
    const digits = take(number);
    if (digits) {
      emit(digits[1] !== undefined ? 'NUM_UINT' : digits[2] !== undefined ? 'NUM_FLOAT' : 'NUM_INT', digits[0].length);
      continue;
    }
    const word = take(identifier);
    if (word) {
      emit(keywords.has(word[0]) ? word[0] : 'IDENTIFIER', word[0].length);
      continue;
    }
    const sign = take(punctuation);
    if (sign) {
      emit(sign[0], sign[0].length);
      continue;
    }
    const name = take(escaped);
    if (name) emit('ESC_IDENTIFIER', name[0].length);
    else at = unknown(text, at, failingPoint(text, at), findings);
  }
  tokens.push({ kind: 'EOF', text: '<EOF>', offset: text.length });
  return tokens;
}

const shown = (text: string) => text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');

/** Reports the text up to and with the character that fits no token, and goes on behind it. */
function unknown(text: string, from: number, failing: number, findings: Findings): number {
  const width = failing < text.length && text.codePointAt(failing)! > 0xffff ? 2 : 1;
  const end = Math.min(failing + width, text.length);
  findings.add(from, `Syntax error: token recognition error at: '${shown(text.slice(from, end))}'`);
  return end;
}

const escapedStart = /`[a-zA-Z0-9_.\-/ ]*/y;

/** `&`, `|` and `=` may begin a token, and so may what stands behind a backtick: what comes after it does not fit. */
function failingPoint(text: string, at: number): number {
  escapedStart.lastIndex = at;
  const begun = escapedStart.exec(text);
  return begun ? at + begun[0].length : '&|='.includes(text[at]!) ? at + 1 : at;
}

const escapeSequence = /\\(?:[abfnrtv"'`\\?]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/y;

/** Where the string ends, or the place of the character that spoils it. */
function stringEnd(text: string, from: number, prefix: string, mark: string): { at: number; closed: boolean } {
  const raw = /r/i.test(prefix);
  const long = mark.length === 3;
  let at = from;
  while (at < text.length) {
    if (text.startsWith(mark, at)) return { at: at + mark.length, closed: true };
    const char = text[at]!;
    if (!long && (char === '\n' || char === '\r')) return { at, closed: false };
    if (char === '\\' && !raw) {
      escapeSequence.lastIndex = at;
      const sequence = escapeSequence.exec(text);
      if (!sequence) return { at: brokenEscape(text, at), closed: false };
      at += sequence[0].length;
    } else at++;
  }
  return { at, closed: false };
}

const begun = /\\(?:[0-3][0-7]?|[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7})?/y;

/** The character that breaks an escape sequence. */
function brokenEscape(text: string, at: number): number {
  begun.lastIndex = at;
  return at + begun.exec(text)![0].length;
}
