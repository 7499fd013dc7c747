import type { FieldFacts, TypeFacts } from '../facts.ts';
import { BadPatch } from './patch-error.ts';

/** How a field merges: `undefined` facts (unknown fields, raw objects) merge as maps and replace lists. */
export interface Rule {
  readonly strategy: string;
  readonly mergeKey: string;
  readonly type: TypeFacts | undefined;
}

const noRule: Rule = { strategy: '', mergeKey: '', type: undefined };

/** The rule of a struct's field or a map's value. */
export function ruleOf(type: TypeFacts | undefined, key: string): Rule {
  if (type?.shape === 'map') return { ...noRule, type: type.element };
  const field: FieldFacts | undefined = type?.fields.get(key);
  if (!field) return noRule;
  const strategy = field.patchStrategies.find((s) => s !== 'retainKeys') ?? '';
  const schema = field.type.shape === 'schemaOr' ? undefined : field.type;
  return { strategy, mergeKey: field.patchMergeKey ?? '', type: schema?.shape === 'list' ? schema.element : schema };
}

/** The same for a field that must be a list. */
export function listRuleOf(type: TypeFacts | undefined, key: string): Rule {
  const field = type?.shape === 'struct' && !type.open ? type.fields.get(key) : undefined;
  if (type?.shape === 'struct' && !type.open && !field) {
    const struct = type.name.slice(type.name.lastIndexOf('.') + 1);
    throw new BadPatch(`unable to find api field in struct ${struct} for the json field ${JSON.stringify(key)}`);
  }
  if (field && field.type.shape !== 'list')
    throw new BadPatch(`expected slice or array type, but got: ${field.type.shape}`);
  return ruleOf(type, key);
}
