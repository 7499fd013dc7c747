import type { TypeMismatch } from '../conform.ts';
import { integerOf, isBigInteger } from '../json-number.ts';
import type { Shape } from '../type-facts.ts';

const goKinds: Readonly<Partial<Record<Shape, string>>> = { float: 'float64' };

function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'number' || isBigInteger(value)) return integerOf(value) === undefined ? 'float64' : 'int64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map';
}

/**
 * What is said of a value of the wrong type in a strategic patch: upstream brings its result into form without a detour
 * through JSON, in words of its own. Source: apimachinery `runtime/converter.go`.
 */
export function unconvertible({ type, value }: TypeMismatch): string {
  const given = goTypeOf(value);
  switch (type.shape) {
    case 'struct':
      return `cannot restore struct from: ${given}`;
    case 'map':
      return `cannot restore map from ${given}`;
    case 'list':
    case 'bytes':
      return `cannot restore slice from ${given}`;
  }
  // Go could make a string of an integer, a letter that is, and an integer of a fraction.
  const could = type.shape === 'string' ? given === 'int64' : given === 'int64' || given === 'float64';
  if (could && type.shape !== 'bool') return `cannot convert ${given} to ${type.goName}`;
  return `unrecognized type: ${goKinds[type.shape] ?? type.shape}`;
}
