/** Sizes and costs that are known within bounds. `Infinity` is without bound. Source: cel-go `checker/cost.go`. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

export const exactly = (value: number): Range => ({ min: value, max: value });
export const unknown: Range = { min: 0, max: Number.POSITIVE_INFINITY };
export const zero = exactly(0);
export const one = exactly(1);

export const plus = (...ranges: readonly Range[]): Range => ({
  min: ranges.reduce((sum, range) => sum + range.min, 0),
  max: ranges.reduce((sum, range) => sum + range.max, 0),
});

const product = (a: number, b: number) => (a === 0 || b === 0 ? 0 : a * b);

export const times = (a: Range, b: Range): Range => ({ min: product(a.min, b.min), max: product(a.max, b.max) });

/** Times a factor, rounded up. */
export const scaled = (range: Range, factor: number): Range => ({
  min: Math.ceil(product(range.min, factor)),
  max: Math.ceil(product(range.max, factor)),
});

export const union = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) });

/** What has been united with nothing yet. */
export const nothing: Range = { min: Number.POSITIVE_INFINITY, max: 0 };
