import { cel } from '../cel/cel.ts';
import type { CelType } from '../cel/cel-type.ts';
import { CelCompileError, type CelEnvironment, type CelProgram } from '../cel/environment.ts';
import type { ValidationRule } from '../types/apiextensions-v1.gen.ts';
import { FieldPathError, followPath } from './field-path.ts';
import type { Structural } from './structural.ts';

/**
 * The CEL rules of one schema node, compiled. Source: apiextensions-apiserver `pkg/apiserver/schema/cel/compilation.go`.
 */

export interface CompiledRule {
  readonly rule: ValidationRule;
  /** None for an empty rule, and for one with an error. */
  readonly program: CelProgram | undefined;
  /** Why it does not compile; "" when it does. */
  readonly error: string;
  /** Whether it compares with the old value: a transition rule. */
  readonly usesOldSelf: boolean;
  readonly message: CelProgram | undefined;
  readonly messageError: string;
  /** The field below the node that failures are reported at; "" for the node itself. */
  readonly fieldPath: string;
}

/** How upstream words what stops an expression. */
interface Texts {
  readonly kind: 'bool' | 'string';
  readonly compilation: string;
  readonly 'program instantiation': string;
  readonly otherType: string;
}

const ruleTexts: Texts = {
  kind: 'bool',
  compilation: 'compilation failed',
  'program instantiation': 'program instantiation failed',
  otherType: 'cel expression must evaluate to a bool',
};

const messageTexts: Texts = {
  kind: 'string',
  compilation: 'messageExpression compilation failed',
  'program instantiation': 'messageExpression instantiation failed',
  otherType: 'messageExpression must evaluate to a string',
};

function compileTo(
  environment: CelEnvironment,
  expression: string,
  texts: Texts,
): { readonly program?: CelProgram; readonly error: string } {
  try {
    const program = environment.compile(expression);
    return program.resultType.kind === texts.kind ? { program, error: '' } : { error: texts.otherType };
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    return { error: `${texts[error.stage]}: ${error.message}` };
  }
}

/** The path as upstream normalizes it; "" where it leads nowhere, which the definition's own validation refuses. */
function fieldPathOf(rule: ValidationRule, schema: Structural): string {
  if (!rule.fieldPath) return '';
  try {
    return followPath(rule.fieldPath, schema, { brackets: true }).path;
  } catch (error) {
    if (!(error instanceof FieldPathError)) throw error;
    return '';
  }
}

function compileRule(rule: ValidationRule, schema: Structural, environment: CelEnvironment): CompiledRule {
  const none = { rule, program: undefined, usesOldSelf: false, message: undefined, messageError: '', fieldPath: '' };
  if (rule.rule.trim() === '') return { ...none, error: '' };
  const { program, error } = compileTo(environment, rule.rule, ruleTexts);
  if (!program) return { ...none, error };
  const message = rule.messageExpression ? compileTo(environment, rule.messageExpression, messageTexts) : { error: '' };
  return {
    rule,
    program,
    error: '',
    usesOldSelf: program.uses('oldSelf'),
    message: message.program,
    messageError: message.error,
    fieldPath: fieldPathOf(rule, schema),
  };
}

/** Compiles the rules of a node whose values are of this type. */
export function compileRules(schema: Structural, type: CelType): CompiledRule[] {
  const plain = cel.value.celEnvironment({ self: type, oldSelf: type });
  const optional = schema.validations.some((rule) => rule.optionalOldSelf)
    ? cel.value.celEnvironment({ self: type, oldSelf: { kind: 'optional', of: type } })
    : plain;
  return schema.validations.map((rule) => compileRule(rule, schema, rule.optionalOldSelf ? optional : plain));
}
