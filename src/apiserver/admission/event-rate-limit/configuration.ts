import { ErrorList, FieldPath } from '../../../api/field-errors.ts';
import { ConfigurationError, listOf, objectOf, typedObjectOf } from '../configuration/fields.ts';

/** What shares a bucket: all events, those of a namespace or user, or those that one source tells of one object. */
export const limitTypes = ['Namespace', 'Server', 'SourceAndObject', 'User'] as const;
export type LimitType = (typeof limitTypes)[number];

/** How many events are taken. */
export interface EventLimit {
  readonly type: LimitType;
  /** A second, in the long run. */
  readonly qps: number;
  /** At once. */
  readonly burst: number;
  /** How many buckets are kept; the one that was not used for longest goes. */
  readonly cacheSize: number;
}

/** Buckets where nobody says how many. */
const defaultCacheSize = 4096;

const root = FieldPath.of('limits');

/** Reads a Configuration of eventratelimit.admission.k8s.io, which is needed. Throws ConfigurationError. */
export function eventLimitsOf(value: unknown): readonly EventLimit[] {
  const { limits } =
    value === undefined
      ? { limits: undefined }
      : typedObjectOf(value, [['eventratelimit.admission.k8s.io/v1alpha1', 'Configuration']], ['limits']);
  const errors = new ErrorList();
  const list = listOf(limits, 'limits');
  if (list.length === 0) errors.invalid(root, limits, 'must not be empty');
  const found = list.map((item, i) => limitOf(item, i, errors));
  if (!errors.empty) {
    const texts = errors.errors.map(({ text }) => text);
    throw new ConfigurationError(texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`);
  }
  return found;
}

function limitOf(value: unknown, i: number, errors: ErrorList): EventLimit {
  const at = root.index(i);
  const fields = objectOf(value, at.toString(), ['type', 'qps', 'burst', 'cacheSize']);
  const type = fields['type'] as LimitType;
  if (!limitTypes.includes(type)) errors.notSupported(at.child('type'), type ?? '', limitTypes);
  const whole = (field: string): number => {
    const number = fields[field] ?? 0;
    if (Number.isInteger(number) && Math.abs(number as number) < 2 ** 31) return number as number;
    throw new ConfigurationError(`${at.child(field)} must be a whole number`);
  };
  const [burst, qps, cacheSize] = [whole('burst'), whole('qps'), whole('cacheSize')];
  if (burst <= 0) errors.invalid(at.child('burst'), burst, 'must be positive');
  if (qps <= 0) errors.invalid(at.child('qps'), qps, 'must be positive');
  if (type !== 'Server' && cacheSize < 0) errors.invalid(at.child('cacheSize'), cacheSize, 'must not be negative');
  return { type, qps, burst, cacheSize: cacheSize || defaultCacheSize };
}
