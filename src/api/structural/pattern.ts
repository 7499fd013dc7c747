import { RE2JS, RE2JSSyntaxException } from 're2js';

/** Regular expressions of users: compiled once, matched in linear time whatever they are. */

export interface Pattern {
  /** Whether the text contains a match. */
  matches(text: string): boolean;
  /** Why it does not compile, in Go's words; "" when it does. */
  readonly error: string;
}

const maxKept = 1000;
const kept = new Map<string, Pattern>();

function compile(source: string): Pattern {
  try {
    const compiled = RE2JS.compile(source);
    return { error: '', matches: (text) => compiled.test(text) };
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return { error: error.message, matches: () => false };
  }
}

/** The compiled form of a pattern. */
export function patternOf(source: string): Pattern {
  const known = kept.get(source);
  if (known) return known;
  if (kept.size >= maxKept) kept.clear();
  const pattern = compile(source);
  kept.set(source, pattern);
  return pattern;
}
