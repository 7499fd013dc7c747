import { conform } from '../../api/conform.ts';
import { kindFacts, type TypeFacts } from '../../api/facts.ts';
import { ErrorList, type FieldError } from '../../api/field-errors.ts';
import { apiVersionOf, type KubeObject, type Mutable, parseApiVersion } from '../../api/object.ts';
import type { Checks, Resource, VersionConversion } from '../resource.ts';
import type { Tree } from '../tree.ts';

/** Changes a private object of either version, on its way from one to the other. */
export type Step = (object: Mutable<KubeObject>) => void;

/**
 * How an old version differs from the stored one. Whatever is called the same in both needs no step; what only one of
 * them knows is dropped on the way to the other.
 */
export interface Differences {
  /** Defaults the old version has of its own. They come before the stored version's, so they win. */
  readonly defaults?: Step;
  readonly toStorage?: Step;
  readonly fromStorage?: Step;
  /** Rules that came with the stored version: findings of theirs do not count. */
  readonly allows?: (finding: FieldError) => boolean;
}

/** The conversion of an old version: its differences, and the canonical form of whichever version comes out. */
export function oldVersion(resource: Resource, apiVersion: string, differences: Differences): VersionConversion {
  const { defaults, toStorage, fromStorage, allows } = differences;
  const stored = apiVersionOf(resource);
  return {
    ...(allows && { checks: lenientChecks(resource, allows) }),
    toStorage: (object) => {
      defaults?.(object);
      toStorage?.(object);
      settle(object, stored, resource.kind);
    },
    fromStorage: (object) => {
      fromStorage?.(object);
      settle(object, apiVersion, resource.kind);
    },
  };
}

/** The kind's own checks without the findings that do not count. */
function lenientChecks(
  { validate, validateCreate, validateUpdate }: Resource,
  allows: (finding: FieldError) => boolean,
): Checks<KubeObject> {
  const without = (errors: ErrorList, check: (all: ErrorList) => void): void => {
    const all = new ErrorList();
    check(all);
    errors.errors.push(...all.errors.filter((finding) => !allows(finding)));
  };
  return {
    ...(validate && { validate: (object, errors, old) => without(errors, (all) => validate(object, all, old)) }),
    ...(validateCreate && {
      validateCreate: (object, errors) => without(errors, (all) => validateCreate(object, all)),
    }),
    ...(validateUpdate && {
      validateUpdate: (object, old, errors) => without(errors, (all) => validateUpdate(object, old, all)),
    }),
  };
}

/** Makes the object one of this version in place: fields it does not know go, those it always writes are there. */
function settle(object: Mutable<KubeObject>, apiVersion: string, kind: string): void {
  object.apiVersion = apiVersion;
  const settled = conform(typeOf(apiVersion, kind), object).value as Tree;
  if (settled === object) return;
  for (const field of Object.keys(object)) if (!(field in settled)) delete object[field];
  Object.assign(object, settled);
}

function typeOf(apiVersion: string, kind: string): TypeFacts {
  const { group, version } = parseApiVersion(apiVersion)!;
  return kindFacts(group, version, kind)!;
}
