import { type Declaration, fn } from '../check/declaration.ts';
import { types } from '../check/type.ts';

/** Helpers of mutating admission policies. Source: apiserver `pkg/cel/library/jsonpatch.go`. */

const { string } = types;

/** A key as part of a JSON pointer. */
const escapeKey = (key: string): string => key.replace(/[~/]/g, (char) => (char === '~' ? '~0' : '~1'));

export const jsonPatches: readonly Declaration[] = [
  fn('jsonpatch.escapeKey', 'string_jsonpatch_escapeKey_string', [string], string, escapeKey),
];
