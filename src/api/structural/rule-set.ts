import { celDeclaration } from './cel-types.ts';
import { type CompiledRule, compileRules } from './rule-programs.ts';
import type { Structural } from './structural.ts';

/** Rules by schema node: nodes without any, and without any below, are left out. */
export interface RuleNode {
  readonly schema: Structural;
  readonly rules: readonly CompiledRule[];
  readonly items: RuleNode | undefined;
  readonly properties: ReadonlyMap<string, RuleNode>;
  readonly rest: RuleNode | undefined;
}

/** The compiled rules of a whole schema. */
export interface RuleSet {
  readonly node: RuleNode;
}

function buildNode(schema: Structural, root: boolean): RuleNode | undefined {
  const child = (s: Structural | boolean | undefined) =>
    typeof s === 'object' ? buildNode(s, s.xEmbeddedResource) : undefined;
  const items = child(schema.items);
  const rest = child(schema.additionalProperties);
  const properties = new Map<string, RuleNode>();
  for (const [name, property] of schema.properties) {
    const node = child(property);
    if (node) properties.set(name, node);
  }
  // Rules where no type is known were refused with their definition.
  const declaration = schema.validations.length ? celDeclaration(schema, root) : undefined;
  const rules = declaration ? compileRules(schema, declaration.type) : [];
  return rules.length || items || rest || properties.size ? { schema, rules, items, properties, rest } : undefined;
}

/** Compiles the rules of a custom resource's schema; undefined when it has none. */
export function compileRuleSet(schema: Structural, root = true): RuleSet | undefined {
  const node = buildNode(schema, root);
  return node && { node };
}
