import { type Complaint, invalid, tooLong } from './finding.ts';
import { patternOf } from './pattern.ts';
import type { Structural } from './structural.ts';

/** What a schema says about texts. Source: kube-openapi `pkg/validation/validate` (stringValidator). */

/** Unicode characters, without making them. */
function characters(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00 && i > 0) count--;
  return count;
}

/** What is wrong with a text: one thing, as upstream stops at the first. */
export function textComplaint({ maxLength, minLength, pattern }: Structural, value: string): Complaint | undefined {
  if (maxLength !== undefined && characters(value) > maxLength) return (name) => tooLong(name, maxLength);
  if (minLength !== undefined && characters(value) < minLength)
    return (name) => invalid(name, value, `should be at least ${minLength} chars long`);
  if (!pattern || patternOf(pattern).matches(value)) return undefined;
  const { error } = patternOf(pattern);
  const shown = error ? `${pattern}, but pattern is invalid: ${error}` : pattern;
  return (name) => invalid(name, value, `should match '${shown}'`);
}
