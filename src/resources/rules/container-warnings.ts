import type { FieldPath } from '../../api/field-errors.ts';
import { parseQuantity } from '../../api/quantity.ts';
import type { EnvVar, PodSpec } from '../../api/types/core-v1.gen.ts';
import { everyContainer } from './every-container.ts';

/** What a user probably did not mean with a container. Source: pkg/api/pod warnings.go. */

const inBytes = ['memory', 'ephemeral-storage'];

/** There is no part of a byte: "4m" is four thousandths where "4M" was meant. `path` leads to what has the field. */
export function fractionalBytes(
  path: FieldPath,
  field: string,
  amounts: unknown,
  names: readonly string[] = inBytes,
): string[] {
  if (!amounts) return [];
  const found: string[] = [];
  for (const name of names) {
    const value = (amounts as Readonly<Record<string, string>>)[name];
    if (value === undefined) continue;
    const quantity = parseQuantity(value);
    if (quantity.nano % 1_000_000_000n === 0n) continue;
    const what = `fractional byte value ${JSON.stringify(quantity.text)} is invalid, must be an integer`;
    found.push(`${path.child(field).key(name)}: ${what}`);
  }
  return found;
}

/** A variable that is there already, unless its value is made with the one before. */
const hides = ({ name, value = '', valueFrom }: EnvVar): boolean =>
  valueFrom !== undefined || value === `$(${name})` || !value.includes(`$(${name})`);

function repeatedEnv(env: readonly EnvVar[], path: FieldPath): string[] {
  if (env.length < 2) return [];
  const seen = new Set<string>();
  return env.flatMap((variable, i) => {
    const found = seen.has(variable.name) && hides(variable);
    seen.add(variable.name);
    if (!found) return [];
    const name = JSON.stringify(variable.name);
    return [
      `${path.child('env').index(i)}: hides previous definition of ${name}, which may be dropped when using apply`,
    ];
  });
}

export function containerWarnings(spec: PodSpec, path: FieldPath): string[] {
  return everyContainer(spec, path).flatMap(({ container, path: at }) => {
    const found = repeatedEnv(container.env ?? [], at);
    const { limits, requests } = container.resources ?? {};
    if (!limits && !requests) return found;
    const amounts = at.child('resources');
    const bytes = inBytes.flatMap((name) => [
      ...fractionalBytes(amounts, 'limits', limits, [name]),
      ...fractionalBytes(amounts, 'requests', requests, [name]),
    ]);
    return [...bytes, ...found];
  });
}
