import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { celDeclaration } from '../../api/structural/cel-types.ts';
import { type CompiledRule, compileRules } from '../../api/structural/rule-programs.ts';
import type { Structural } from '../../api/structural/structural.ts';
import type { ValidationRule } from '../../api/types/apiextensions-v1.gen.ts';
import { type CostAccount, limitExpression, totalCost } from './rule-costs.ts';

/** CEL rules of a definition: their fields, and whether they compile and can be afforded. */

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const hasLineBreak = (text: string | undefined): boolean => /[\n\r]/.test(text ?? '');
const isBlank = (text: string | undefined): boolean => !!text && text.trim() === '';

/** Checks what needs no compiler. `leads`: whether a path leads to a field of the schema. */
export function ruleFieldRules(
  errors: ErrorList,
  path: FieldPath,
  rule: ValidationRule,
  leads: (path: string) => boolean,
): void {
  const message = (rule.message ?? '').trim();
  if (rule.rule.trim() === '') errors.required(path.child('rule'), 'rule is not specified');
  else if (isBlank(rule.message)) errors.invalid(path.child('message'), rule.message, 'must be non-empty if specified');
  else if (hasLineBreak(message)) errors.invalid(path.child('message'), rule.message, 'must not contain line breaks');
  else if (hasLineBreak(rule.rule.trim()) && message === '')
    errors.required(path.child('message'), 'message must be specified if rule contains line breaks');
  if (isBlank(rule.messageExpression))
    errors.required(path.child('messageExpression'), 'messageExpression must be non-empty if specified');
  if (rule.reason !== undefined && !reasons.includes(rule.reason))
    errors.notSupported(path.child('reason'), rule.reason, reasons);
  fieldPathRules(errors, path.child('fieldPath'), rule.fieldPath, leads);
}

function fieldPathRules(
  errors: ErrorList,
  path: FieldPath,
  value: string | undefined,
  leads: (path: string) => boolean,
): void {
  if (!value) return;
  if (isBlank(value)) errors.invalid(path, value, 'must be non-empty if specified');
  if (hasLineBreak(value)) errors.invalid(path, value, 'must not contain line breaks');
  if (!leads(value)) errors.invalid(path, value, 'must be a valid path');
}

export interface RulePlace {
  /** Whether the node is a whole object, whose metadata rules may read. */
  readonly root: boolean;
  /** How often values of the node can be there at most. */
  readonly times: number;
  readonly uncorrelatable: FieldPath | undefined;
  readonly costs: CostAccount;
  readonly allowCostly: boolean;
}

/** A rule as Go prints it. */
const printed = (rule: ValidationRule) => ({
  Rule: rule.rule,
  Message: rule.message ?? '',
  MessageExpression: rule.messageExpression ?? '',
  Reason: rule.reason ?? null,
  FieldPath: rule.fieldPath ?? '',
  OptionalOldSelf: rule.optionalOldSelf ?? null,
});

/** Compiles the rules of a node and checks what comes of it. `path` is that of the list of rules. */
export function compiledRuleRules(errors: ErrorList, path: FieldPath, schema: Structural, place: RulePlace): void {
  const declaration = celDeclaration(schema, place.root);
  if (!declaration) {
    errors.internal(
      path,
      'internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations',
    );
    return;
  }
  for (const [i, compiled] of compileRules(schema, declaration.type).entries())
    compiledRule(errors, path.index(i), compiled, declaration.minSize, place);
}

function compiledRule(
  errors: ErrorList,
  path: FieldPath,
  compiled: CompiledRule,
  minSize: number,
  place: RulePlace,
): void {
  const { rule, program, message } = compiled;
  const cost = totalCost(program?.cost.max ?? 0, place.times, minSize);
  if (!place.allowCostly) limitExpression(errors, path.child('rule'), 'rule', cost);
  place.costs.add(path.child('rule'), cost);
  if (compiled.error) errors.invalid(path.child('rule'), printed(rule), compiled.error);
  if (compiled.messageError) errors.invalid(path.child('messageExpression'), printed(rule), compiled.messageError);
  else if (message) {
    if (!place.allowCostly)
      limitExpression(errors, path.child('messageExpression'), 'messageExpression', message.cost.max);
    place.costs.add(path.child('messageExpression'), message.cost.max);
  }
  if (compiled.usesOldSelf) {
    if (place.uncorrelatable)
      errors.invalid(
        path.child('rule'),
        rule.rule,
        `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`,
      );
  } else if (rule.optionalOldSelf !== undefined)
    errors.invalid(
      path.child('optionalOldSelf'),
      rule.optionalOldSelf,
      'may not be set if oldSelf is not used in rule',
    );
}
