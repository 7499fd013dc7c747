import { typeFacts } from '../../src/api/facts.ts';
import { applyConfiguration } from '../../src/api/managed-fields/apply.ts';
import { type FieldSet, pathsOf } from '../../src/api/managed-fields/field-set.ts';
import { elementText } from '../../src/api/managed-fields/path-element.ts';
import { updateManagedFields, type WriteOrigin } from '../../src/api/managed-fields/update.ts';
import { deepFreeze, type KubeObject, type ManagedFieldsEntry, type Mutable, thaw } from '../../src/api/object.ts';
import type { TypeFacts } from '../../src/api/type-facts.ts';
import { struct } from './type-facts.ts';

type Tree = Record<string, unknown>;
type Fields = Parameters<typeof struct>[0];

/** A kind `v1, Kind=Thing` with these fields beside its metadata. */
export const thing = (fields: Fields, open = false): TypeFacts =>
  struct(
    {
      apiVersion: { type: typeFacts('string') },
      kind: { type: typeFacts('string') },
      metadata: { type: typeFacts('meta/v1.ObjectMeta') },
      ...fields,
    },
    open,
  ).type;

interface Options {
  readonly manager?: string;
  readonly force?: boolean;
  readonly now?: number;
  readonly subresource?: string;
}

/** What a server does with one object, without the server: applies and updates in turn, each on the result of the last. */
export class FieldManager {
  object: KubeObject | undefined;
  readonly #type: TypeFacts;
  readonly #origin: Partial<WriteOrigin>;

  constructor(type: TypeFacts, origin: Partial<WriteOrigin> = {}) {
    this.#type = type;
    this.#origin = origin;
  }

  #as(options: Options): WriteOrigin {
    return {
      type: this.#type,
      apiVersion: 'v1',
      manager: 'default',
      subresource: '',
      now: 0,
      ...this.#origin,
      ...options,
    };
  }

  apply(manager: string, fields: Tree, options: Options = {}): this {
    const origin = { ...this.#as({ manager, ...options }), kind: 'Thing', force: options.force ?? false };
    const config = { apiVersion: origin.apiVersion, kind: 'Thing', metadata: { name: 'x' }, ...fields };
    const result = applyConfiguration(this.object, structuredClone(config), origin);
    if (result instanceof Promise) throw new Error('a conversion took time');
    return this.#keep(result.object, result.managedFields);
  }

  /** Writes the whole object; the fields are all it has beside its metadata. */
  update(manager: string, fields: Tree, options: Options = {}): this {
    const origin = this.#as({ manager, ...options });
    const metadata = { ...(this.object?.metadata ?? { name: 'x' }), managedFields: undefined };
    const object = { apiVersion: origin.apiVersion, kind: 'Thing', metadata, ...structuredClone(fields) };
    const done = updateManagedFields(object as unknown as Mutable<KubeObject>, this.object, origin);
    if (done instanceof Promise) throw new Error('a conversion took time');
    return this.#keep(object as unknown as KubeObject, object.metadata.managedFields ?? []);
  }

  #keep(object: KubeObject, managedFields: readonly ManagedFieldsEntry[]): this {
    const { managedFields: _, ...metadata } = object.metadata ?? {};
    this.object = deepFreeze(withoutNulls({ ...thaw(object), metadata: { ...metadata, managedFields } }) as KubeObject);
    return this;
  }

  /** Everything but kind and metadata. */
  get fields(): Tree {
    const { apiVersion: _, kind: __, metadata: ___, ...fields } = this.object as unknown as Tree;
    return fields;
  }

  get entries(): readonly ManagedFieldsEntry[] {
    return this.object?.metadata.managedFields ?? [];
  }

  /** The paths each manager owns, as conflicts print them. */
  get owned(): Record<string, string[]> {
    return Object.fromEntries(
      this.entries.map((entry) => [
        entry.manager,
        [...pathsOf(entry.fieldsV1 as FieldSet)].map((path) => path.map(elementText).join('')),
      ]),
    );
  }
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== null && child !== undefined)
      .map(([key, child]) => [key, withoutNulls(child)]),
  );
}
