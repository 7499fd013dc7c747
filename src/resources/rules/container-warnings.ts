import type { FieldPath } from '../../api/field-errors.ts';
import { parseQuantity } from '../../api/quantity.ts';
import type { EnvVar, PodSpec } from '../../api/types/core-v1.gen.ts';
import { everyContainer } from './every-container.ts';

/** What a user probably did not mean with a container. Source: pkg/api/pod warnings.go. */

const inBytes = ['memory', 'ephemeral-storage'];

/** There is no part of a byte: "4m" is four thousandths where "4M" was meant. */
export function fractionalBytes(path: FieldPath, amounts: unknown, names: readonly string[] = inBytes): string[] {
  return names.flatMap((name) => {
    const value = (amounts as Readonly<Record<string, string>> | undefined)?.[name];
    if (value === undefined) return [];
    const quantity = parseQuantity(value);
    if (quantity.nano % 1_000_000_000n === 0n) return [];
    return [`${path.key(name)}: fractional byte value ${JSON.stringify(quantity.text)} is invalid, must be an integer`];
  });
}

/** A variable that is there already, unless its value is made with the one before. */
const hides = ({ name, value = '', valueFrom }: EnvVar): boolean =>
  valueFrom !== undefined || value === `$(${name})` || !value.includes(`$(${name})`);

function repeatedEnv(env: readonly EnvVar[], path: FieldPath): string[] {
  const seen = new Set<string>();
  return env.flatMap((variable, i) => {
    const found = seen.has(variable.name) && hides(variable);
    seen.add(variable.name);
    if (!found) return [];
    const name = JSON.stringify(variable.name);
    return [`${path.index(i)}: hides previous definition of ${name}, which may be dropped when using apply`];
  });
}

export function containerWarnings(spec: PodSpec, path: FieldPath): string[] {
  return everyContainer(spec, path).flatMap(({ container, path: at }) => {
    const { limits, requests } = container.resources ?? {};
    const amounts = at.child('resources');
    const bytes = inBytes.flatMap((name) => [
      ...fractionalBytes(amounts.child('limits'), limits, [name]),
      ...fractionalBytes(amounts.child('requests'), requests, [name]),
    ]);
    return [...bytes, ...repeatedEnv(container.env ?? [], at.child('env'))];
  });
}
