import type { CelType } from '../cel-type.ts';
import { type Range, unknown } from './range.ts';

/**
 * Where in the declared data a value comes from: sizes are known along such paths only. Source: apiextensions-apiserver
 * `pkg/apiserver/schema/cel/compilation.go` (sizeEstimator).
 */
export interface Path {
  /** The declaration it leads to; undefined where it leads nowhere. */
  readonly type: CelType | undefined;
  /** A key of a map: one without a limit counts as empty. */
  readonly key?: boolean;
}

export type Step = '@items' | '@values' | '@keys' | '@indices' | { readonly field: string };

/** One step on. A path that begins with a step begins at the root, as upstream's does. */
export function stepped(path: Path | undefined, step: Step, root: CelType | undefined): Path {
  if (path === undefined) return { type: root };
  return { type: path.type && child(path.type, step), key: step === '@keys' };
}

function child(type: CelType, step: Step): CelType | undefined {
  if (typeof step === 'object') return type.kind === 'object' ? type.fields.get(step.field)?.type : undefined;
  if (step === '@indices') return undefined;
  if (step === '@keys') return type.kind === 'map' ? type.key : undefined;
  return type.kind === 'list' ? type.element : type.kind === 'map' ? type.value : undefined;
}

/** What the declaration says about the size; undefined where there is none. */
export function declaredSize(path: Path | undefined): Range | undefined {
  if (path?.type === undefined) return undefined;
  const limit = limitOf(path.type) ?? (path.key ? 0 : undefined);
  return limit === undefined ? unknown : { min: 0, max: limit };
}

/** JSON texts of times are no longer than this. */
const longestTime = 32;

function limitOf(type: CelType): number | undefined {
  switch (type.kind) {
    case 'string':
    case 'bytes':
    case 'dyn':
      return type.maxLength;
    case 'duration':
    case 'timestamp':
      return type.maxLength ?? longestTime;
    case 'list':
    case 'map':
      return type.maxElements;
    default:
      return 0;
  }
}
