import { bigInteger } from '../../json-number.ts';
import { toText } from './convert.ts';
import { countWork } from './meter.ts';
import { JsonList, JsonMap, JsonRecord } from './read.ts';
import { formatSeconds, formatTimestamp } from './time.ts';
import { CelList, CelMap, Duration, Opaque, Optional, Timestamp, TypeValue, Uint, type Value } from './value.ts';

/** Lists and maps that are made cost more than those that are looked at. */
const converting = 10;

/** A result as JSON has it. What came as JSON leaves as the same tree. An optional without a value is undefined. */
export function toJson(value: Value): unknown {
  if (typeof value === 'bigint') return integer(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof JsonList || value instanceof JsonMap || value instanceof JsonRecord) return value.raw;
  countWork(converting);
  if (value instanceof CelList) return Array.from(value, toJson);
  if (value instanceof CelMap) return objectOf(value);
  if (value instanceof Uint) return integer(value.value);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatSeconds(value.nanos);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof TypeValue) return value.name;
  if (value instanceof Optional) return value.value === undefined ? undefined : toJson(value.value);
  return value instanceof Opaque ? value.toJson() : undefined;
}

const integer = (value: bigint) => (Number.isSafeInteger(Number(value)) ? Number(value) : bigInteger(String(value)));

/** Own properties even under the name `__proto__`. */
function objectOf(map: CelMap): unknown {
  const result: Record<string, unknown> = {};
  for (const key of map.keys()) {
    const value = toJson(map.find(key)!);
    Object.defineProperty(result, toText(key), { value, enumerable: true, writable: true, configurable: true });
  }
  return result;
}
