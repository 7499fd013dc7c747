import type { TypeFacts } from '../facts.ts';
import { exclude, type FieldSet, select } from './field-set.ts';

/** An object in one version of its API. */
export interface Versioned {
  readonly apiVersion: string;
  readonly type: TypeFacts;
  readonly tree: object;
}

/**
 * Gives an object in another version: a new tree in canonical form, or undefined when that version is not served any
 * more. Custom resources may ask a webhook, hence the promise.
 */
export type Convert = (object: Versioned, apiVersion: string) => Versioned | undefined | Promise<Versioned | undefined>;

/** What the algorithms need from outside: they yield what is to be converted, and get it back. */
export type Steps<T> = Generator<{ readonly object: Versioned; readonly apiVersion: string }, T, Versioned | undefined>;

/** An object in a version; its own costs nothing. */
export function* inVersion(object: Versioned, apiVersion: string): Steps<Versioned | undefined> {
  return object.apiVersion === apiVersion ? object : yield { object, apiVersion };
}

/** Runs an algorithm, at once unless a conversion takes time. Each object is converted once to each version. */
export function runSteps<T>(steps: Steps<T>, convert: Convert): T | Promise<T> {
  const known = new Map<object, Map<string, Versioned | undefined>>();
  const resume = (result: IteratorResult<{ object: Versioned; apiVersion: string }, T>): T | Promise<T> => {
    let state = result;
    while (!state.done) {
      const { object, apiVersion } = state.value;
      let versions = known.get(object.tree);
      if (!versions) known.set(object.tree, (versions = new Map()));
      if (!versions.has(apiVersion)) {
        const answer = convert(object, apiVersion);
        if (answer instanceof Promise)
          return answer.then((value) => {
            versions.set(apiVersion, value);
            return resume(steps.next(value));
          });
        versions.set(apiVersion, answer);
      }
      state = steps.next(versions.get(apiVersion));
    }
    return state.value;
  };
  return resume(steps.next());
}

/**
 * Fields a write cannot change, because the endpoint resets them, and so does not own: by version. Source: apiserver
 * `rest.ResetFieldsStrategy` and `ResetFieldsFilterStrategy`.
 */
export interface ResetFields {
  /** These paths and all below. */
  readonly exclude?: FieldSet;
  /** All but these; `*` stands for any element. */
  readonly only?: FieldSet;
}

/** The paths of a set that a write does change. */
export function keptFields(set: FieldSet, reset: ResetFields | undefined): FieldSet {
  if (!reset) return set;
  const rest = reset.exclude ? exclude(set, reset.exclude) : set;
  return reset.only ? select(rest, reset.only) : rest;
}
