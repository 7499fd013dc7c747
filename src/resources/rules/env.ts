import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { configMapKeyErrors, nameIsSubdomain, relaxedEnvNameErrors } from '../../api/names.ts';
import type { EnvFromSource, EnvVar, FileKeySelector } from '../../api/types/core-v1.gen.ts';
import { label, named, present, subdomain } from './check.ts';
import { envFields, fieldSelector, resourceSelector } from './downward.ts';
import { noBacksteps } from './file-paths.ts';

/** Environment variables of containers, and where their values come from. */

const sourceText =
  'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';

function keyReference(errors: ErrorList, path: FieldPath, ref: { readonly name?: string; readonly key: string }): void {
  subdomain(errors, path.child('name'), ref.name ?? '');
  if (present(errors, path.child('key'), ref.key)) named(errors, path.child('key'), ref.key, configMapKeyErrors);
}

function fileKey(errors: ErrorList, path: FieldPath, ref: FileKeySelector): void {
  if (present(errors, path.child('key'), ref.key)) named(errors, path.child('key'), ref.key, relaxedEnvNameErrors);
  if (present(errors, path.child('volumeName'), ref.volumeName)) {
    label(errors, path.child('volumeName'), ref.volumeName);
  }
  if (present(errors, path.child('path'), ref.path)) noBacksteps(errors, path.child('path'), ref.path);
}

function valueFrom(errors: ErrorList, path: FieldPath, variable: EnvVar): void {
  const from = variable.valueFrom;
  if (!from) return;
  let sources = 0;
  if (from.fieldRef) {
    sources++;
    fieldSelector(errors, path.child('fieldRef'), from.fieldRef, envFields);
  }
  if (from.resourceFieldRef) {
    sources++;
    resourceSelector(errors, path.child('resourceFieldRef'), from.resourceFieldRef, false);
  }
  if (from.configMapKeyRef) {
    sources++;
    keyReference(errors, path.child('configMapKeyRef'), from.configMapKeyRef);
  }
  if (from.secretKeyRef) {
    sources++;
    keyReference(errors, path.child('secretKeyRef'), from.secretKeyRef);
  }
  if (from.fileKeyRef) {
    sources++;
    fileKey(errors, path.child('fileKeyRef'), from.fileKeyRef);
  }
  if (sources === 0) errors.invalid(path, '', sourceText);
  else if (variable.value) errors.invalid(path, '', 'may not be specified when `value` is not empty');
  else if (sources > 1) errors.invalid(path, '', 'may not have more than one field specified at a time');
}

export function env(errors: ErrorList, path: FieldPath, variables: readonly EnvVar[] | undefined): void {
  if (!variables) return;
  for (let i = 0; i < variables.length; i++) {
    const variable = variables[i]!;
    const at = path.index(i);
    if (present(errors, at.child('name'), variable.name)) {
      named(errors, at.child('name'), variable.name, relaxedEnvNameErrors);
    }
    if (variable.valueFrom) valueFrom(errors, at.child('valueFrom'), variable);
  }
}

export function envFrom(errors: ErrorList, path: FieldPath, sources: readonly EnvFromSource[] | undefined): void {
  for (const [i, source] of (sources ?? []).entries()) {
    const at = path.index(i);
    if (source.prefix) named(errors, at.child('prefix'), source.prefix, relaxedEnvNameErrors);
    for (const kind of ['configMapRef', 'secretRef'] as const) {
      const path = at.child(kind, 'name');
      // Upstream checks the name as if more of it were to come.
      const rule = (name: string): string[] => nameIsSubdomain(name, true);
      if (source[kind] && present(errors, path, source[kind].name)) named(errors, path, source[kind].name, rule);
    }
    if (!source.configMapRef && !source.secretRef) {
      errors.invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`');
    } else if (source.configMapRef && source.secretRef) {
      errors.invalid(path, '', 'may not have more than one field specified at a time');
    }
  }
}
