import { equal } from '../patch/json-patch.ts';
import { type MapList, mapListOf } from './map-list.ts';
import { fieldSchema, type Structural } from './structural.ts';
import { isTree } from './value-kind.ts';

/**
 * A value and the one it replaces, followed down as far as the schema lets them be matched: fields by name, items of map
 * lists by their keys. What is unchanged at such a place may stay as invalid as it was (ratcheting).
 * Source: apiserver `pkg/cel/common/equality.go`.
 */
export class Correlation {
  readonly value: unknown;
  readonly old: unknown;
  readonly #schema: Structural;
  #children: Map<string | number, Correlation | undefined> | undefined;
  #items: MapList | undefined;
  #equal: boolean | undefined;

  constructor(schema: Structural, value: unknown, old: unknown) {
    this.#schema = schema;
    this.value = value;
    this.old = old;
  }

  #child(key: string | number, find: () => Correlation | undefined): Correlation | undefined {
    this.#children ??= new Map();
    if (!this.#children.has(key)) this.#children.set(key, find());
    return this.#children.get(key);
  }

  /** A field of both objects, if the schema knows it. */
  field(name: string): Correlation | undefined {
    return this.#child(name, () => this.#field(name));
  }

  #field(name: string): Correlation | undefined {
    const { value, old } = this;
    if (!isTree(value) || !isTree(old) || !Object.hasOwn(value, name) || !Object.hasOwn(old, name)) return undefined;
    const schema = fieldSchema(this.#schema, name);
    return schema && new Correlation(schema, value[name], old[name]);
  }

  /** An item, if the list is a map whose old state has an item of the same keys. */
  item(index: number): Correlation | undefined {
    if (this.#schema.listType !== 'map') return undefined;
    return this.#child(index, () => this.#item(index));
  }

  #item(index: number): Correlation | undefined {
    const { items } = this.#schema;
    if (!Array.isArray(this.value) || items === undefined) return undefined;
    this.#items ??= mapListOf(this.#schema, this.old);
    const old = this.#items(this.value[index]);
    return old && new Correlation(items, this.value[index], old);
  }

  /** Whether nothing has changed; items of map lists may have moved. */
  get unchanged(): boolean {
    return (this.#equal ??= this.#compare());
  }

  #compare(): boolean {
    const { value, old } = this;
    if (value === old) return true;
    if (Array.isArray(value) && Array.isArray(old)) return this.#sameItems(value, old);
    if (isTree(value) && isTree(old)) return this.#sameFields(value, old);
    return equal(value, old);
  }

  #sameItems(value: readonly unknown[], old: readonly unknown[]): boolean {
    if (value.length !== old.length) return false;
    if (this.#schema.listType !== 'map') return equal(value, old);
    return value.every((_, i) => this.item(i)?.unchanged === true);
  }

  /** As upstream: an object with fields that its schema does not know is never taken for unchanged. */
  #sameFields(value: object, old: object): boolean {
    const names = Object.keys(value);
    return names.length === Object.keys(old).length && names.every((name) => this.field(name)?.unchanged === true);
  }
}
