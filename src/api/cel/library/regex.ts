import { RE2JS } from 're2js';
import { type Declaration, method } from '../check/declaration.ts';
import { listOf, types } from '../check/type.ts';
import { Fault, fail } from '../values/fault.ts';
import { ValueList } from '../values/list.ts';

/** Regular expressions, in Go's syntax and in linear time. Source of `find`: apiserver `pkg/cel/library/regex.go`. */

const { string, int } = types;

/** Patterns repeat with every evaluation: the compiled ones are kept, dropped all at once when they grow many. */
const known = new Map<string, RE2JS | Fault>();
const mostKnown = 500;

/** Compiles a pattern. Throws a fault with Go's text. */
export function regex(pattern: string): RE2JS {
  let compiled = known.get(pattern);
  if (compiled === undefined) {
    compiled = compile(pattern);
    if (known.size >= mostKnown) known.clear();
    known.set(pattern, compiled);
  }
  if (compiled instanceof Fault) throw compiled;
  return compiled;
}

function compile(pattern: string): RE2JS | Fault {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    return new Fault(`error parsing regexp: ${(error as Error).message.replace(/^error parsing regexp: /, '')}`);
  }
}

export const isRegex = (pattern: string): boolean => {
  try {
    regex(pattern);
    return true;
  } catch {
    return false;
  }
};

export const matches = (text: string, pattern: string): boolean => regex(pattern).matcher(text).find();

function illegal(pattern: string): RE2JS {
  try {
    return regex(pattern);
  } catch (error) {
    return fail(`Illegal regex: ${(error as Fault).message}`);
  }
}

function find(text: string, pattern: string): string {
  const matcher = illegal(pattern).matcher(text);
  return matcher.find() ? matcher.group()! : '';
}

/** At most `limit` matches; all when it is negative. */
function findAll(text: string, pattern: string, limit = -1n): ValueList {
  const matcher = illegal(pattern).matcher(text);
  const found: string[] = [];
  while ((limit < 0n || found.length < limit) && matcher.find()) found.push(matcher.group()!);
  return new ValueList(found);
}

export const regexes: readonly Declaration[] = [
  method('find', 'string_find_string', [string, string], string, find),
  method('findAll', 'string_find_all_string', [string, string], listOf(string), findAll),
  method('findAll', 'string_find_all_string_int', [string, string, int], listOf(string), findAll),
];
