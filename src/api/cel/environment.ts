import type { CelType } from './cel-type.ts';

/**
 * CEL behind one interface: schema rules, admission policies, match conditions and device selectors compile and evaluate
 * through this alone, whatever parses underneath.
 */
export interface CelEnvironment {
  /** Parses and checks. Throws `CelCompileError` with every finding, in cel-go's words. */
  compile(expression: string): CelProgram;
}

/** A checked expression. */
export interface CelProgram {
  readonly expression: string;
  readonly resultType: CelType;
  /** Least and most the evaluation can cost, from the size limits of the types; `max` is Infinity where nothing limits it. */
  readonly cost: { readonly min: number; readonly max: number };
  /** Whether a variable is used at all: rules that use `oldSelf` are transition rules. */
  uses(variable: string): boolean;
  /**
   * Evaluates over JSON trees, read as the variables' types say (a string of type timestamp is one), and returns a JSON-like
   * value. Throws `CelRuntimeError`, or `CelBudgetError` once more than `budget` has been spent.
   */
  evaluate(
    bindings: Readonly<Record<string, unknown>>,
    budget: number,
  ): { readonly value: unknown; readonly cost: number };
  /**
   * As `evaluate`, but the value is for a variable of another expression only: it stays what it is within CEL, a double or
   * a quantity, which JSON could not say.
   */
  evaluateVariable(
    bindings: Readonly<Record<string, unknown>>,
    budget: number,
  ): { readonly value: unknown; readonly cost: number };
}

/**
 * The expression does not parse or check. `message` is all findings as cel-go prints them. What upstream answers is
 * `${stage} failed: ${message}`.
 */
export class CelCompileError extends Error {
  /** A program that checks may still have a constant part that cannot be computed. */
  readonly stage: 'compilation' | 'program instantiation';

  constructor(message: string, stage: CelCompileError['stage'] = 'compilation') {
    super(message);
    this.name = 'CelCompileError';
    this.stage = stage;
  }
}

/** The evaluation failed: no such key, division by zero, no matching overload of a dyn. The text is cel-go's. */
export class CelRuntimeError extends Error {
  /** What the evaluation had cost until then. */
  readonly cost: number;

  constructor(message: string, cost = 0) {
    super(message);
    this.name = 'CelRuntimeError';
    this.cost = cost;
  }
}

/** The evaluation gave a value that the environment does not let pass. The text stands for itself. */
export class CelResultError extends CelRuntimeError {}

/** The evaluation used up its budget. */
export class CelBudgetError extends Error {
  constructor() {
    super('operation cancelled: actual cost limit exceeded');
    this.name = 'CelBudgetError';
  }
}
