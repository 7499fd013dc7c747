import { customKindFacts, type TypeFacts } from '../../api/facts.ts';
import { apiVersionOf } from '../../api/object.ts';
import { applySchemaDefaults } from '../../api/structural/defaults.ts';
import { structuralFacts } from '../../api/structural/facts.ts';
import { prune } from '../../api/structural/prune.ts';
import { compileRuleSet, type RuleSet } from '../../api/structural/rules.ts';
import { compileStructural, type Structural } from '../../api/structural/structural.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';

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
  /** The CEL rules, compiled when first asked for. */
  readonly rules: () => RuleSet | undefined;
}

const nothing: readonly string[] = [];

/** The versions of a definition. Those that are as they were keep what was compiled, and their time. */
export function schemaVersions(
  crd: CustomResourceDefinition,
  since: number,
  former: ReadonlyMap<string, SchemaVersion> = new Map(),
): Map<string, SchemaVersion> {
  const { group, names, preserveUnknownFields } = crd.spec;
  const versions = new Map<string, SchemaVersion>();
  for (const { name, schema } of crd.spec.versions) {
    const apiVersion = apiVersionOf({ group, version: name });
    const source = schema?.openAPIV3Schema;
    const text = `${names.kind} ${preserveUnknownFields ?? false} ${JSON.stringify(source)}`;
    const known = former.get(apiVersion);
    versions.set(apiVersion, known?.text === text ? known : compile());

    function compile(): SchemaVersion {
      const structural = source && compileStructural(source);
      const pruned = structural ?? compileStructural({});
      return {
        name,
        apiVersion,
        schema: structural,
        text,
        since,
        type: structural
          ? structuralFacts(structural, group, name, names.kind)
          : customKindFacts(group, name, names.kind),
        prune: preserveUnknownFields
          ? () => nothing
          : (tree, malformed = 'refuse') => prune(pruned, tree, { root: true, malformed }),
        defaults: structural ? (tree) => applySchemaDefaults(structural, tree) : () => {},
        rules: structural ? once(() => compileRuleSet(structural)) : () => undefined,
      };
    }
  }
  return versions;
}

/** Works something out at the first call only. */
function once<T>(work: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => (done ??= { value: work() }).value;
}
