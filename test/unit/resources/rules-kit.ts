import { parse } from 'yaml';
import { ErrorList } from '../../../src/api/field-errors.ts';
import type { KubeObject, Mutable } from '../../../src/api/object.ts';
import { thaw } from '../../../src/api/object.ts';
import { resourceFor } from '../../../src/resources/index.ts';
import type { Resource, WriteContext } from '../../../src/resources/resource.ts';

export const context: WriteContext = {
  now: Date.parse('2026-01-01T00:00:00Z'),
  user: { name: 'alice', groups: [] },
};

/** A kind's definition by "plural/group/version". */
export function definition(name: string): Resource {
  const [resource = '', group = '', version = 'v1'] = name.split('/');
  const found = resourceFor(group, version, resource);
  if (!found) throw new Error(`no resource ${name}`);
  return found;
}

/** Reads a manifest, giving it a name and a namespace when it has none. */
export function read(yaml: string): Mutable<KubeObject> {
  const object = parse(yaml) as Mutable<KubeObject>;
  object.metadata = { name: 'a', namespace: 'default', ...object.metadata };
  return object;
}

/** The sequence of a create, without the registry's own metadata rules. */
export function create(name: string, yaml: string): { object: Mutable<KubeObject>; errors: string[] } {
  const resource = definition(name);
  const object = read(yaml);
  const errors = new ErrorList();
  resource.defaults?.(object);
  resource.prepareCreate?.(object, context);
  resource.validate?.(object, errors);
  resource.validateCreate?.(object, errors);
  return { object, errors: errors.errors.map((error) => error.text) };
}

/** What a create is refused for. */
export const refusals = (name: string, yaml: string): string[] => create(name, yaml).errors;

/** The sequence of an update of the main resource: `change` edits what was created. */
export function update(name: string, yaml: string, change: (object: Mutable<KubeObject>) => void): string[] {
  const resource = definition(name);
  const old = create(name, yaml).object as KubeObject;
  const object = thaw(old) as Mutable<KubeObject>;
  change(object);
  const errors = new ErrorList();
  resource.defaults?.(object);
  resource.prepareUpdate?.(object, old, context);
  resource.validate?.(object, errors, old);
  resource.validateUpdate?.(object, old, errors);
  return errors.errors.map((error) => error.text);
}

/** The sequence of an update of the status or another subresource. */
export function updateSubresource(
  name: string,
  subresource: string,
  yaml: string,
  change: (object: Mutable<KubeObject>) => void,
): { object: Mutable<KubeObject>; errors: string[] } {
  const resource = definition(name);
  const rules = subresource === 'status' ? resource.status : resource.subresources?.[subresource];
  const old = create(name, yaml).object as KubeObject;
  const object = thaw(old) as Mutable<KubeObject>;
  change(object);
  const errors = new ErrorList();
  rules?.prepareUpdate?.(object, old, { ...context, subresource });
  rules?.validateUpdate?.(object, old, errors, { ...context, subresource });
  return { object, errors: errors.errors.map((error) => error.text) };
}

/** Makes edits of untyped manifests short: `set(object, 'spec.replicas', 3)`. */
export function set(object: Mutable<KubeObject>, path: string, value: unknown): void {
  const parts = path.split('.');
  let at = object as unknown as Record<string, unknown>;
  for (const part of parts.slice(0, -1)) at = (at[part] ??= {}) as Record<string, unknown>;
  const last = parts.at(-1)!;
  if (value === undefined) delete at[last];
  else at[last] = value;
}
