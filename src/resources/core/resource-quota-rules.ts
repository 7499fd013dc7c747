import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { immutableText } from '../../api/object-meta.ts';
import type { ResourceQuota } from '../../api/types/core-v1.gen.ts';
import type { UpdateRules } from '../resource.ts';
import { quotaResourceName, resourceQuantity } from '../rules/quantities.ts';
import { keepSpec } from '../rules/status.ts';
import { specPath, statusPath } from '../rules/workloads.ts';
import { quotaScopes } from './resource-quota-scopes.ts';

export function quotaDefaults(object: Mutable<ResourceQuota>): void {
  object.spec ??= {};
  object.status ??= {};
}

function amounts(errors: ErrorList, path: FieldPath, map: unknown): void {
  for (const [name, value] of Object.entries((map ?? {}) as Readonly<Record<string, string>>)) {
    quotaResourceName(errors, path.key(name), name);
    resourceQuantity(errors, path.key(name), name, value);
  }
}

export function validateQuota({ spec = {} }: ResourceQuota, errors: ErrorList): void {
  amounts(errors, specPath.child('hard'), spec.hard);
  quotaScopes(errors, specPath, spec);
}

export function validateQuotaUpdate(object: ResourceQuota, old: ResourceQuota, errors: ErrorList): void {
  const [now, before] = [new Set<string>(object.spec?.scopes), new Set<string>(old.spec?.scopes)];
  if (now.size === before.size && [...now].every((scope) => before.has(scope))) return;
  errors.invalid(specPath.child('scopes'), object.spec?.scopes, immutableText);
}

export const quotaStatus: UpdateRules<ResourceQuota> = {
  prepareUpdate: keepSpec,
  validateUpdate({ status }, _old, errors) {
    amounts(errors, statusPath.child('hard'), status?.hard);
    amounts(errors, statusPath.child('used'), status?.used);
  },
};
