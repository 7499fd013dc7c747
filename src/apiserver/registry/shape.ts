import type { ErrorList } from '../../api/field-errors.ts';
import { nameIsSubdomain } from '../../api/names.ts';
import type { KubeObject } from '../../api/object.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../../api/object-meta.ts';
import type { Served } from './served.ts';

/** Checks of a new object that need no rules of the kind: metadata, and from the facts required fields and enums. */
export function checkNew(served: Served, object: KubeObject, errors: ErrorList): void {
  validateObjectMeta(object.metadata, served.namespaced, served.rules.validateName ?? nameIsSubdomain, errors);
}

/** The same for a changed object. */
export function checkChanged(_served: Served, object: KubeObject, old: KubeObject, errors: ErrorList): void {
  validateObjectMetaUpdate(object.metadata, old.metadata, errors);
}
