import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { JSONSchemaProps } from '../../api/types/apiextensions-v1.gen.ts';
import { isSchema } from './schema-walk.ts';

/**
 * What a branch talks about must be specified outside of it too. Source: apiextensions-apiserver
 * `pkg/apiserver/schema/complete.go`.
 */

/** A node of the branches, and the node of the schema proper that it talks about. */
interface Pair {
  readonly branch: JSONSchemaProps;
  readonly branchPath: FieldPath;
  readonly spine: JSONSchemaProps | undefined;
  readonly spinePath: FieldPath;
}

function check(errors: ErrorList, pair: Pair): void {
  const { branch, branchPath, spine, spinePath } = pair;
  if (!spine) {
    errors.required(spinePath, `because it is defined in ${branchPath}`);
    return;
  }
  below(errors, pair);
  if (isSchema(branch.items))
    check(errors, {
      branch: branch.items,
      branchPath: branchPath.child('items'),
      spine: isSchema(spine.items) ? spine.items : undefined,
      spinePath: spinePath.child('items'),
    });
  const known = spine.properties ?? {};
  for (const [name, property] of Object.entries(branch.properties ?? {}))
    check(errors, {
      branch: property,
      branchPath: branchPath.child('properties').key(name),
      spine: Object.hasOwn(known, name) ? known[name] : undefined,
      spinePath: spinePath.child('properties').key(name),
    });
}

/** The branches of a node, all about the same node of the schema proper. */
function below(errors: ErrorList, pair: Pair): void {
  const { branch, branchPath } = pair;
  if (branch.not) check(errors, { ...pair, branch: branch.not, branchPath: branchPath.child('not') });
  for (const field of ['allOf', 'anyOf', 'oneOf'] as const)
    for (const [i, child] of (branch[field] ?? []).entries())
      check(errors, { ...pair, branch: child, branchPath: branchPath.child(field).index(i) });
}

/** Checks the branches of the root, as upstream does: those of its properties are never compared. */
export function completeness(errors: ErrorList, path: FieldPath, schema: JSONSchemaProps): void {
  below(errors, { branch: schema, branchPath: path, spine: schema, spinePath: path });
}
