import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import {
  dns1035LabelErrors,
  dns1035LabelFormat,
  dns1123SubdomainErrors,
  nameIsSubdomain,
  qualifiedNameErrors,
  regexError,
} from '../../api/names.ts';
import type {
  ServerStorageVersion,
  StorageVersion,
  StorageVersionCondition,
  StorageVersionStatus,
} from '../../api/types/apiserverinternal-v1alpha1.gen.ts';
import { named, present } from '../rules/check.ts';
import { statusPath } from '../rules/workloads.ts';
import { commonVersion } from './common-version.ts';

/** Rules of StorageVersions. Source: apiserverinternal validation. */

/** Names are "GROUP.RESOURCE"; the core group is "core". */
export function storageVersionNameErrors(name: string): string[] {
  const dot = name.lastIndexOf('.');
  if (dot < 0) return ['name must be in the form of <group>.<resource>'];
  return [
    ...dns1123SubdomainErrors(name.slice(0, dot)).map((text) => `the group segment ${text}`),
    ...dns1035LabelErrors(name.slice(dot + 1)).map((text) => `the resource segment ${text}`),
  ];
}

export function validateStorageVersionStatus(
  { status = {} }: StorageVersion,
  _old: StorageVersion,
  errors: ErrorList,
): void {
  for (const [i, server] of (status.storageVersions ?? []).entries())
    validateServer(errors, statusPath.child('storageVersions').index(i), server);
  validateCommonVersion(errors, status);
  validateConditions(errors, status.conditions ?? []);
}

function validateServer(errors: ErrorList, path: FieldPath, server: ServerStorageVersion): void {
  const { apiServerID = '', encodingVersion = '', decodableVersions = [] } = server;
  named(errors, path.child('apiServerID'), apiServerID, (id) => nameIsSubdomain(id, false));
  apiVersion(errors, path.child('encodingVersion'), encodingVersion);
  const decodable = path.child('decodableVersions');
  for (const [i, version] of decodableVersions.entries()) apiVersion(errors, decodable.index(i), version);
  if (!decodableVersions.includes(encodingVersion)) {
    const problem = `decodableVersions must include encodingVersion ${encodingVersion}`;
    errors.invalid(decodable, server.decodableVersions, problem);
  }
}

function validateCommonVersion(
  errors: ErrorList,
  { storageVersions = [], commonEncodingVersion }: StorageVersionStatus,
) {
  const actual = commonVersion(storageVersions);
  if (actual === commonEncodingVersion) return;
  const problem =
    actual === undefined
      ? 'should be nil if servers do not agree on the same encoding version, or if there is no server reporting the supported versions yet'
      : `the ${commonEncodingVersion === undefined ? '' : 'actual '}common encoding version is ${actual}`;
  errors.invalid(statusPath.child('commonEncodingVersion'), commonEncodingVersion, problem);
}

/** Their paths lack "conditions", as upstream's do. */
function validateConditions(errors: ErrorList, conditions: readonly StorageVersionCondition[]): void {
  const places = new Map<string, number>();
  for (const [i, { type, status, reason, message }] of conditions.entries()) {
    const path = statusPath.index(i);
    const before = places.get(type);
    if (before !== undefined) {
      const problem = `the type of the condition is not unique, it also appears in conditions[${before}]`;
      errors.invalid(path.child('type'), type, problem);
    }
    places.set(type, i);
    named(errors, path.child('type'), type, qualifiedNameErrors);
    named(errors, path.child('status'), status, qualifiedNameErrors);
    present(errors, path.child('reason'), reason, 'reason cannot be empty');
    present(errors, path.child('message'), message, 'message cannot be empty');
  }
}

function apiVersion(errors: ErrorList, path: FieldPath, value: string): void {
  const problems = apiVersionErrors(value);
  if (problems.length > 0) errors.invalid(path, value, problems.join());
}

function apiVersionErrors(value: string): string[] {
  const parts = value.split('/');
  if (parts.length > 2) {
    const text =
      "a DNS-1035 label, which must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
    const shape = regexError(text, dns1035LabelFormat, 'my-name', 'abc-123');
    return [`an apiVersion is ${shape} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyVersion')`];
  }
  const version = parts.at(-1)!;
  const group = parts.length === 2 ? partErrors('group', parts[0]!, dns1123SubdomainErrors) : [];
  return [...group, ...partErrors('version', version, dns1035LabelErrors)];
}

const partErrors = (part: string, value: string, rule: (value: string) => string[]): string[] =>
  (value === '' ? ['must be non-empty'] : rule(value)).map((text) => `${part} part: ${text}`);
