import type { FieldFacts, TypeFacts } from './facts.ts';
import { thaw } from './object.ts';

/**
 * Defaults that the facts carry (`+default` markers): protocol TCP, disk caching modes and the like. Kinds have the rest
 * of theirs in `src/resources`.
 */

type Tree = Record<string, unknown>;

/** What of a type carries defaults: its own fields, and the fields that lead to more. */
interface Plan {
  readonly own: readonly FieldFacts[];
  readonly inner: readonly FieldFacts[];
}

const nothing: Plan = { own: [], inner: [] };
const plans = new Map<TypeFacts, Plan>();

/** A default that is what Go holds anyway says nothing. */
const says = (f: FieldFacts) =>
  f.hasDefault && (f.pointer || (f.default !== '' && f.default !== 0 && f.default !== false));

const structOf = (type: TypeFacts): TypeFacts | undefined =>
  type.shape === 'struct' ? type : type.element && type.shape !== 'schemaOr' ? structOf(type.element) : undefined;

function planOf(type: TypeFacts): Plan {
  const known = plans.get(type);
  if (known) return known;
  // A type that contains itself has no defaults below that its first visit does not find.
  plans.set(type, nothing);
  const fields = [...type.fields.values()];
  const inner = fields.filter((f) => {
    const struct = structOf(f.type);
    if (!struct) return false;
    const plan = planOf(struct);
    return plan.own.length > 0 || plan.inner.length > 0;
  });
  const plan = { own: fields.filter(says), inner };
  plans.set(type, plan);
  return plan;
}

function descend(type: TypeFacts, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (type.shape === 'struct') applyFactDefaults(type, value as Tree);
  else if (type.element) for (const item of Object.values(value)) descend(type.element, item);
}

/** Fills in the defaults of a type and of all it holds. */
export function applyFactDefaults(type: TypeFacts, tree: Tree): void {
  const plan = planOf(type);
  for (const f of plan.own) if (tree[f.name] === undefined) tree[f.name] = thaw(f.default);
  for (const f of plan.inner) descend(f.type, tree[f.name]);
}
