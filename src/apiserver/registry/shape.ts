import { applyFactDefaults } from '../../api/defaults.ts';
import { kindFacts, type TypeFacts } from '../../api/facts.ts';
import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { nameIsSubdomain } from '../../api/names.ts';
import type { KubeObject, Mutable } from '../../api/object.ts';
import { validateFinalizerOwners, validateObjectMeta, validateObjectMetaUpdate } from '../../api/object-meta.ts';
import { validateFacts } from '../../api/validate-facts.ts';
import type { Checks } from '../../resources/resource.ts';
import type { Served } from './served.ts';

/** Checks of a new object that need no rules of the kind: metadata, and from the facts required fields and enums. */
export function checkNew(served: Served, object: KubeObject, errors: ErrorList): void {
  validateObjectMeta(object.metadata, served.namespaced, served.rules.validateName ?? nameIsSubdomain, errors);
  checkFinalizers(served, object, errors);
  if (!served.rules.validate && !served.rules.validateCreate) validateFacts(workingType(served), object, errors);
}

/** The same for a changed object. */
export function checkChanged(served: Served, object: KubeObject, old: KubeObject, errors: ErrorList): void {
  validateObjectMetaUpdate(object.metadata, old.metadata, errors);
  checkFinalizers(served, object, errors);
  if (!served.rules.validate && !served.rules.validateUpdate) validateFacts(workingType(served), object, errors);
}

/** Groups whose kinds upstream checks as it checks custom resources. */
const lenient: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
]);
const finalizersPath = FieldPath.of('metadata', 'finalizers');

function checkFinalizers(served: Served, object: KubeObject, errors: ErrorList): void {
  if (served.custom || lenient.has(served.rules.group)) return;
  validateFinalizerOwners(object.metadata.finalizers, finalizersPath, errors);
}

/** The hooks that check an object written through this version. */
export const checksOf = ({ conversion, rules }: Served): Checks<KubeObject> => conversion?.checks ?? rules;

const types = new WeakMap<Served, TypeFacts>();

/** The facts of the version the verbs work in, which is what is checked and defaulted. */
export function workingType(served: Served): TypeFacts {
  if (served.custom || !served.conversion) return served.type;
  let type = types.get(served);
  if (!type) {
    const { group, version, kind } = served.rules;
    type = kindFacts(group, version, kind);
    if (!type) throw new Error(`no facts of ${kind} in ${group}/${version}`);
    types.set(served, type);
  }
  return type;
}

/** Fills in the defaults the facts know, then the kind's own (of a custom resource: its schema's). */
export function applyDefaults(served: Served, object: Mutable<KubeObject>): void {
  if (!served.custom) applyFactDefaults(workingType(served), object);
  served.rules.defaults?.(object);
}
