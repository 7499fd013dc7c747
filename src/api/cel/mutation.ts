import type { CelOptions } from './cel-environment.ts';
import type { CelField, CelObjectType, CelType } from './cel-type.ts';
import { jsonPatches } from './library/json-patches.ts';
import { Constructed, ValueMap } from './values/map.ts';
import { CelList, type Value } from './values/value.ts';

/**
 * What expressions of mutating admission policies may use besides: `Object{…}` for the part of an object to apply, and
 * `JSONPatch{…}`. Source: apiserver `pkg/cel/mutation`.
 */
export const mutationOptions: CelOptions = { constructible, libraries: [jsonPatches], check: misnamed };

const field = (name: string, type: CelType): [string, CelField] => [name, { name, type, required: false }];
const text: CelType = { kind: 'string' };

const jsonPatch: CelObjectType = {
  kind: 'object',
  name: 'JSONPatch',
  fields: new Map([field('op', text), field('path', text), field('from', text), field('value', { kind: 'dyn' })]),
};

/** `Object.spec.template` and so on take any fields. */
function constructible(name: string): CelObjectType | undefined {
  if (name === 'JSONPatch') return jsonPatch;
  return name === 'Object' || name.startsWith('Object.') ? { kind: 'object', name, fields: new Map() } : undefined;
}

/** An object within another must be named by the path to it; so must those that patches bring. */
function misnamed(value: Value): string | undefined {
  const objects = value instanceof CelList ? [...value].map(patchValue) : [value];
  for (const object of objects) {
    if (!(object instanceof Constructed)) continue;
    const errors = [...misnamedIn(object, object.typeName)];
    if (errors.length > 0) return `type mismatch: ${errors.join('\n')}`;
  }
  return undefined;
}

const patchValue = (patch: Value): Value | undefined =>
  patch instanceof Constructed ? patch.find('value') : undefined;

function* misnamedIn(value: Value, path: string): Iterable<string> {
  if (value instanceof Constructed) {
    const { typeName } = value;
    if (typeName !== path)
      yield `unexpected type name "${typeName}", expected "${path}", which matches field name path from root Object type`;
    for (const name of value.keys()) yield* misnamedIn(value.find(name)!, `${path}.${name}`);
  } else if (value instanceof CelList) for (const element of value) yield* misnamedIn(element, path);
  else if (value instanceof ValueMap) for (const key of value.keys()) yield* misnamedIn(value.find(key)!, path);
}
