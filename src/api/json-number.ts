/**
 * Integers that a double cannot carry. They live in a tree as `JSON.rawJSON` values: frozen, printed by JSON.stringify
 * digit by digit, and told apart with `isBigInteger`. All other numbers are plain numbers.
 */

interface RawJson {
  readonly rawJSON: string;
}

const json = JSON as unknown as {
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): value is RawJson;
};

/** A value that prints exactly these digits. */
export const bigInteger = (digits: string): RawJson => json.rawJSON(digits);

export const isBigInteger = (value: unknown): value is RawJson =>
  typeof value === 'object' && value !== null && json.isRawJSON(value);

/** A number to compare with: exact up to 2^53, the nearest beyond. What prints stays what it was. */
export const comparable = (value: number): number =>
  isBigInteger(value) ? Number((value as unknown as RawJson).rawJSON) : value;

/** The exact value of an integer in a tree, however long; undefined for anything else. */
export function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  return isBigInteger(value) ? BigInt(value.rawJSON) : undefined;
}
