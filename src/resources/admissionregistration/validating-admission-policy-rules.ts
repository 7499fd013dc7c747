import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { JsonPathError, parseJsonPath } from '../../api/json-path.ts';
import type {
  AuditAnnotation,
  ExpressionWarning,
  ValidatingAdmissionPolicy,
  Validation,
} from '../../api/types/admissionregistration-v1.gen.ts';
import type { UpdateRules } from '../resource.ts';
import { optionalOneOf, qualifiedName } from '../rules/check.ts';
import { conditions } from '../rules/conditions.ts';
import { keepSpecAndMetadata } from '../rules/status.ts';
import { specPath, statusPath } from '../rules/workloads.ts';
import { compiles } from './compiles.ts';
import { Expressions } from './expressions.ts';
import { policySpec } from './policy-parts.ts';

/** Rules of ValidatingAdmissionPolicies. Source: admissionregistration/validation. */

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const maxAnnotations = 20;
const maxAnnotationExpression = 5 * 1024;
const nothingToDo = 'validations or auditAnnotations must contain at least one item';

function message(errors: ErrorList, path: FieldPath, text: string): void {
  const trimmed = text.trim();
  if (text && !trimmed) errors.invalid(path, text, 'must be non-empty if specified');
  else if (/[\n\r]/.test(trimmed)) errors.invalid(path, text, 'must not contain line breaks');
}

function validation(errors: ErrorList, path: FieldPath, value: Validation, expressions: Expressions): void {
  const { expression, messageExpression = '' } = value;
  const at = path.child('expression');
  if (expression.trim()) compiles(errors, at, expressions, 'condition', expression);
  else errors.required(at, 'expression is not specified');
  const own = path.child('messageExpression');
  if (messageExpression.trim()) compiles(errors, own, expressions, 'message', messageExpression);
  else if (messageExpression) errors.invalid(own, messageExpression, 'must be non-empty if specified');
  message(errors, path.child('message'), value.message ?? '');
  optionalOneOf(errors, path.child('reason'), value.reason, reasons);
}

function annotations(
  errors: ErrorList,
  list: readonly AuditAnnotation[],
  policy: string,
  expressions: Expressions,
): void {
  const path = specPath.child('auditAnnotations');
  if (list.length > maxAnnotations) {
    errors.invalid(path, list, `must not have more than ${maxAnnotations} auditAnnotations`);
  }
  const keys = new Set<string>();
  for (const [i, { key, valueExpression }] of list.entries()) {
    const at = path.index(i);
    if (policy) qualifiedName(errors, at.child('key'), `${policy}/${key}`);
    else errors.invalid(at.child('key'), key, 'requires metadata.name be non-empty');
    annotationValue(errors, at.child('valueExpression'), valueExpression, expressions);
    if (keys.has(key)) errors.duplicate(at.child('key'), key);
    keys.add(key);
  }
}

function annotationValue(errors: ErrorList, path: FieldPath, text: string, expressions: Expressions): void {
  const trimmed = text.trim();
  if (!trimmed) errors.required(path, 'valueExpression is not specified');
  else if (Buffer.byteLength(trimmed) > maxAnnotationExpression) {
    errors.required(path, `must not exceed ${maxAnnotationExpression} bytes in length`);
  } else compiles(errors, path, expressions, 'auditAnnotation', trimmed, text);
}

export function validateValidatingPolicy(
  { metadata, spec = {} }: ValidatingAdmissionPolicy,
  errors: ErrorList,
  old?: ValidatingAdmissionPolicy,
): void {
  const composed = (spec.variables?.length ?? 0) > 0;
  const expressions = new Expressions({ params: spec.paramKind !== undefined, composed });
  policySpec(errors, spec, old && (old.spec ?? {}), expressions);
  const [checks, notes] = [spec.validations ?? [], spec.auditAnnotations ?? []];
  if (checks.length === 0 && notes.length === 0) {
    errors.required(specPath.child('validations'), nothingToDo);
    errors.required(specPath.child('auditAnnotations'), nothingToDo);
  }
  for (const [i, value] of checks.entries()) {
    validation(errors, specPath.child('validations').index(i), value, expressions);
  }
  annotations(errors, notes, metadata.name ?? '', expressions);
}

function typeWarning(errors: ErrorList, path: FieldPath, { warning, fieldRef }: ExpressionWarning): void {
  if (!warning) errors.required(path.child('warning'));
  const at = path.child('fieldRef');
  const text = fieldRef.trim();
  if (!text) {
    errors.required(at);
    return;
  }
  try {
    parseJsonPath(`{${text}}`);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    errors.invalid(at, text, `invalid JSONPath: ${error.message}`);
  }
}

export const validatingPolicyStatus: UpdateRules<ValidatingAdmissionPolicy> = {
  prepareUpdate: keepSpecAndMetadata,
  validateUpdate({ status }, _old, errors) {
    const at = statusPath.child('typeChecking', 'expressionWarnings');
    for (const [i, value] of (status?.typeChecking?.expressionWarnings ?? []).entries()) {
      typeWarning(errors, at.index(i), value);
    }
    conditions(errors, statusPath.child('conditions'), status?.conditions);
  },
};
