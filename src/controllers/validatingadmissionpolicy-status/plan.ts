import type { CelType } from '../../api/cel/cel-type.ts';
import type { ExpressionWarning, ValidatingAdmissionPolicy } from '../../api/types/admissionregistration-v1.gen.ts';
import { ExpressionError, Expressions } from '../../resources/admissionregistration/expressions.ts';

/** A kind that a policy looks at. */
export interface CheckedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly type: CelType;
}

/** Finds the kind of a resource; undefined when it is not served or has no schema. */
export type FindKind = (group: string, version: string, resource: string) => CheckedKind | undefined;

/** More kinds than this are not checked. */
const most = 10;

/**
 * The kinds against which the expressions of a policy are checked: those that its rules name, not those that they only
 * match. Source: typechecking.go, typesToCheck.
 */
export function kindsToCheck({ spec }: ValidatingAdmissionPolicy, find: FindKind): CheckedKind[] {
  const found = new Map<string, CheckedKind>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of spec?.matchConstraints?.resourceRules ?? []) {
    if (apiGroups.some(isWild) || apiVersions.some(isWild)) continue;
    const named = resources.filter((resource) => !/[*/]/.test(resource)).toSorted();
    for (const group of apiGroups.toSorted()) {
      for (const version of apiVersions.toSorted()) {
        for (const resource of named) {
          const kind = find(group, version, resource);
          if (kind && found.size < most) found.set(nameOf(kind), kind);
        }
      }
    }
  }
  return [...found.values()].sort(
    (a, b) => compare(a.group, b.group) || compare(a.version, b.version) || compare(a.kind, b.kind),
  );
}

const isWild = (text: string): boolean => text.includes('*');
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** As Go prints a GroupVersionKind. */
const nameOf = ({ group, version, kind }: CheckedKind): string => `${group}/${version}, Kind=${kind}`;

/**
 * What is wrong with the validations of a policy when they see objects of these kinds. `params` is the type of its
 * parameters, where it is known. CEL must have been loaded. Source: typechecking.go, Check.
 */
export function expressionWarnings(
  { spec }: ValidatingAdmissionPolicy,
  kinds: readonly CheckedKind[],
  params: CelType | undefined,
): ExpressionWarning[] {
  const checks = kinds.map((kind) => {
    const types = { object: kind.type, params: params ?? ({ kind: 'dyn' } as const) };
    const expressions = new Expressions({ params: spec?.paramKind !== undefined, composed: true, types });
    for (const { name, expression } of spec?.variables ?? []) define(expressions, name, expression);
    return { name: nameOf(kind), expressions };
  });
  const warnings: ExpressionWarning[] = [];
  const check = (fieldRef: string, expression: string | undefined) => {
    if (!expression) return;
    const complaints = checks.flatMap(({ name, expressions }) => {
      const complaint = expressions.complaint(expression);
      return complaint === undefined ? [] : [`${name}: ${complaint}\n`];
    });
    if (complaints.length > 0) warnings.push({ fieldRef, warning: complaints.join('\n') });
  };
  for (const [i, { expression, messageExpression }] of (spec?.validations ?? []).entries()) {
    check(`spec.validations[${i}].expression`, expression);
    check(`spec.validations[${i}].messageExpression`, messageExpression);
  }
  return warnings;
}

/** A variable that is wrong is dyn to what follows. */
function define(expressions: Expressions, name: string, expression: string): void {
  try {
    expressions.define(name, expression);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
  }
}
