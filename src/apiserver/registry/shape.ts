import type { ErrorList } from '../../api/field-errors.ts';
import type { KubeObject } from '../../api/object.ts';
import type { Served } from './served.ts';

/** Checks that need no rules of the kind: metadata, required fields, enums and types, from the facts. */
export function checkTree(_served: Served, _object: KubeObject, _errors: ErrorList): void {}
