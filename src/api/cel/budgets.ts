/** What evaluations may cost. Source: apiserver `pkg/apis/cel/config.go`. */

/** One expression. */
export const perCallLimit = 1_000_000;

/** All rules of a custom resource that one request runs, or all validations of one policy with one binding. */
export const requestBudget = 10_000_000;

/** All match conditions of one webhook, or of one policy with one binding. */
export const matchConditionsBudget = 2_500_000;

/** A message longer than this many bytes is not shown. */
export const maxMessageBytes = 5 * 1024;
