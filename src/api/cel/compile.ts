import type { CelType } from './cel-type.ts';
import { Checker, type Declarations } from './check/checker.ts';
import { type Type, TypeTooLarge, types } from './check/type.ts';
import { CelCompileError, CelRuntimeError } from './environment.ts';
import { Frame } from './run/frame.ts';
import { type Plan, plan } from './run/plan.ts';
import type { Expr } from './syntax/ast.ts';
import { parse, type Syntax } from './syntax/parser.ts';
import { Findings } from './syntax/source.ts';
import { Fault } from './values/fault.ts';
import { resetMeter } from './values/meter.ts';
import type { Value } from './values/value.ts';

/** All that expressions are compiled against. */
export interface Context extends Syntax {
  readonly declarations: Declarations;
  /** What is checked besides types. */
  readonly validate?: (expr: Expr, findings: Findings) => void;
  /** The variables as they were declared, by which their JSON is read. */
  readonly variables: Readonly<Record<string, CelType>>;
}

/** A checked and planned expression. */
export interface Compiled {
  readonly expr: Expr;
  readonly type: Type;
  readonly used: ReadonlySet<string>;
  readonly plan: Plan;
}

/** Parses, checks and plans. Throws `CelCompileError`. */
export function compile(text: string, context: Context): Compiled {
  const findings = new Findings(text);
  const expr = parse(text, context, findings);
  if (expr === undefined || !findings.empty) throw new CelCompileError(String(findings));
  const checker = new Checker(context.declarations, findings);
  const type = check(checker, expr, findings);
  if (findings.empty) context.validate?.(expr, findings);
  if (!findings.empty) throw new CelCompileError(String(findings));
  return { expr, type, used: checker.used, plan: planned(expr, context) };
}

/** Parses and plans without a check: the values alone decide which functions are called. */
export function compileUnchecked(text: string, context: Context): Compiled {
  const findings = new Findings(text);
  const expr = parse(text, context, findings);
  if (expr === undefined || !findings.empty) throw new CelCompileError(String(findings));
  return { expr, type: types.dyn, used: new Set(), plan: planned(expr, context) };
}

function check(checker: Checker, expr: Expr, findings: Findings): Type {
  try {
    return checker.check(expr);
  } catch (error) {
    if (!(error instanceof TypeTooLarge)) throw error;
    findings.add(expr.offset, 'the type of the expression is too large');
    return types.error;
  }
}

function planned(expr: Expr, { declarations, variables }: Context): Plan {
  try {
    return plan(expr, { functions: declarations.functions, objectType: declarations.objectType, variables });
  } catch (error) {
    if (error instanceof Fault) throw new CelCompileError(error.message, 'program instantiation');
    throw error;
  }
}

/** Evaluates to a CEL value. Throws `CelRuntimeError` or `CelBudgetError`. */
export function evaluate(
  { plan }: Compiled,
  bindings: Readonly<Record<string, unknown>>,
  budget: number,
): { value: Value; cost: number } {
  resetMeter();
  const frame = new Frame(bindings, plan.slots, budget);
  const value = plan.run(frame);
  if (value instanceof Fault) throw new CelRuntimeError(value.message, frame.cost);
  return { value, cost: frame.cost };
}
