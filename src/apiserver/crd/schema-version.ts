import { customKindFacts, type TypeFacts } from '../../api/facts.ts';
import { apiVersionOf } from '../../api/object.ts';
import { applySchemaDefaults } from '../../api/structural/defaults.ts';
import { structuralFacts } from '../../api/structural/facts.ts';
import { prune } from '../../api/structural/prune.ts';
import { compileRuleSet, type RuleSet } from '../../api/structural/rules.ts';
import { compileStructural, type Structural } from '../../api/structural/structural.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
} from '../../api/types/apiextensions-v1.gen.ts';
import { once } from '../../base/once.ts';

type Tree = Record<string, unknown>;

/** One version of a custom kind: its schema, compiled, and since when objects have been written under it. */
export interface SchemaVersion {
  readonly name: string;
  readonly apiVersion: string;
  /** Undefined where the definition gives none: then nothing is known and nothing checked. */
  readonly schema: Structural | undefined;
  /** What tells this schema from another. */
  readonly text: string;
  /** Objects of a later revision that are of this version are as the schema wants them. */
  readonly since: number;
  /** Shape for managed fields and apply. */
  readonly type: TypeFacts;
  /** Drops what the schema does not know, in place; returns the paths. Throws `ConformError`. */
  readonly prune: (tree: Tree, malformed?: 'refuse' | 'drop') => readonly string[];
  readonly defaults: (tree: Tree) => void;
  /** The CEL rules. */
  readonly rules: () => RuleSet | undefined;
}

const nothing: readonly string[] = [];

/** The versions of a definition. Those that are as they were keep what was compiled, and their time. */
export function schemaVersions(
  crd: CustomResourceDefinition,
  since: number,
  former: ReadonlyMap<string, SchemaVersion> = new Map(),
): Map<string, SchemaVersion> {
  const versions = new Map<string, SchemaVersion>();
  for (const version of crd.spec.versions) {
    const made = schemaVersion(crd, version, since);
    const known = former.get(made.apiVersion);
    versions.set(made.apiVersion, known && known.text === made.text ? known : made);
  }
  return versions;
}

/** Nothing is compiled before it is used: a server starts with many definitions. */
function schemaVersion(
  { spec }: CustomResourceDefinition,
  { name, schema: validation }: CustomResourceDefinitionVersion,
  since: number,
): SchemaVersion {
  const { group, names, preserveUnknownFields = false } = spec;
  const source = validation?.openAPIV3Schema;
  const schema = once(() => source && compileStructural(source));
  const pruned = once(() => schema() ?? compileStructural({}));
  const rules = once(() => {
    const compiled = schema();
    return compiled && compileRuleSet(compiled);
  });
  const text = once(() => `${names.kind} ${preserveUnknownFields} ${JSON.stringify(source)}`);
  const type = once(() => {
    const compiled = schema();
    return compiled ? structuralFacts(compiled, group, name, names.kind) : customKindFacts(group, name, names.kind);
  });
  return {
    name,
    apiVersion: apiVersionOf({ group, version: name }),
    since,
    get schema() {
      return schema();
    },
    get text() {
      return text();
    },
    get type() {
      return type();
    },
    prune: preserveUnknownFields
      ? () => nothing
      : (tree, malformed = 'refuse') => prune(pruned(), tree, { root: true, malformed }),
    defaults: (tree) => {
      const compiled = schema();
      if (compiled) applySchemaDefaults(compiled, tree);
    },
    rules,
  };
}
