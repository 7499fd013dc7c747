import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1123LabelErrors, nameIsLabel } from '../../api/names.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../api/types/flowcontrol-v1.gen.ts';
import type { UpdateRules } from '../resource.ts';
import { subdomain } from '../rules/check.ts';
import { keepSpecAndMetadata } from '../rules/status.ts';
import { specPath } from '../rules/workloads.ts';
import { mandatorySchemas } from './bootstrap.ts';
import { flowConditions } from './flow-conditions.ts';

/** Rules of FlowSchemas. Source: flowcontrol/validation and flowcontrol/v1 defaults. */

const defaultPrecedence = 1000;
const maxPrecedence = 10_000;
const methods = ['ByNamespace', 'ByUser'];
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];

export function flowSchemaDefaults(object: Mutable<FlowSchema>): void {
  const spec = (object.spec ??= { priorityLevelConfiguration: { name: '' } });
  spec.matchingPrecedence ||= defaultPrecedence;
}

/** A list with "*" holds nothing else. Says whether there is anything to look at one by one. */
function wildcard(errors: ErrorList, path: FieldPath, list: readonly string[] | undefined, others: string): boolean {
  if (!list?.includes('*')) return true;
  if (list.length > 1) errors.invalid(path, list, `if '*' is present, must not specify other ${others}`);
  return false;
}

function ruleVerbs(errors: ErrorList, path: FieldPath, list: readonly string[] | undefined): void {
  if (!list?.length) errors.required(path, 'verbs must contain at least one value');
  else if (wildcard(errors, path, list, 'verbs') && !list.every((verb) => verbs.includes(verb))) {
    errors.notSupported(path, list, verbs);
  }
}

function urlError(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const first = url.indexOf('*');
  const fine = first < 0 || (first === url.length - 1 && url.endsWith('/*'));
  return fine ? undefined : 'wildcard can only do suffix matching';
}

function urlRule(errors: ErrorList, path: FieldPath, rule: NonResourcePolicyRule): void {
  ruleVerbs(errors, path.child('verbs'), rule.verbs);
  const at = path.child('nonResourceURLs');
  if (!rule.nonResourceURLs?.length) errors.required(at, 'nonResourceURLs must contain at least one value');
  else if (wildcard(errors, at, rule.nonResourceURLs, 'non-resource URLs')) {
    for (const [i, url] of rule.nonResourceURLs.entries()) {
      const text = urlError(url);
      if (text) errors.invalid(at.index(i), url, text);
    }
  }
}

function resourceRule(errors: ErrorList, path: FieldPath, rule: ResourcePolicyRule): void {
  ruleVerbs(errors, path.child('verbs'), rule.verbs);
  const groups = path.child('apiGroups');
  if (!rule.apiGroups?.length) errors.required(groups, 'resource rules must supply at least one api group');
  else wildcard(errors, groups, rule.apiGroups, 'api groups');
  const resources = path.child('resources');
  if (!rule.resources?.length) errors.required(resources, 'resource rules must supply at least one resource');
  else wildcard(errors, resources, rule.resources, 'resources');
  const at = path.child('namespaces');
  if (!rule.namespaces?.length && !rule.clusterScope) {
    errors.required(at, 'resource rules that are not cluster scoped must supply at least one namespace');
  } else if (wildcard(errors, at, rule.namespaces, 'namespaces')) {
    for (const [i, name] of (rule.namespaces ?? []).entries()) {
      for (const text of dns1123LabelErrors(name)) {
        errors.invalid(at.index(i), name, `each member of this list must be '*' or a DNS-1123 label; ${text}`);
      }
    }
  }
}

/** A subject's kind and the one field that goes with it. */
const subjectFields = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const;

type SubjectKind = keyof typeof subjectFields;

function serviceAccount(errors: ErrorList, path: FieldPath, value: NonNullable<Subject['serviceAccount']>): void {
  if (!value.name) errors.required(path.child('name'));
  else if (value.name !== '*') subdomain(errors, path.child('name'), value.name);
  const at = path.child('namespace');
  if (!value.namespace) errors.required(at, 'must specify namespace for service account');
  else for (const text of nameIsLabel(value.namespace, false)) errors.invalid(at, value.namespace, text);
}

function subject(errors: ErrorList, path: FieldPath, value: Subject): void {
  if (!Object.hasOwn(subjectFields, value.kind)) {
    errors.notSupported(path.child('kind'), value.kind, Object.keys(subjectFields));
    return;
  }
  const field = subjectFields[value.kind as SubjectKind];
  const at = path.child(field);
  if (!value[field]) errors.required(at, `${field} is required when subject kind is '${value.kind}'`);
  else if (value.serviceAccount && field === 'serviceAccount') serviceAccount(errors, at, value.serviceAccount);
  else if (!value[field].name) errors.required(at.child('name'));
  for (const [kind, other] of Object.entries(subjectFields)) {
    if (other === field || !value[other]) continue;
    errors.forbidden(path.child(other), `${other} is forbidden when subject kind is not '${kind}'`);
  }
}

function policyRules(errors: ErrorList, path: FieldPath, rule: PolicyRulesWithSubjects): void {
  if (!rule.subjects?.length) errors.required(path.child('subjects'), 'subjects must contain at least one value');
  for (const [i, value] of (rule.subjects ?? []).entries()) subject(errors, path.child('subjects').index(i), value);
  if (!rule.resourceRules?.length && !rule.nonResourceRules?.length) {
    errors.required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty');
  }
  for (const [i, value] of (rule.resourceRules ?? []).entries()) {
    resourceRule(errors, path.child('resourceRules').index(i), value);
  }
  for (const [i, value] of (rule.nonResourceRules ?? []).entries()) {
    urlRule(errors, path.child('nonResourceRules').index(i), value);
  }
}

function precedence(errors: ErrorList, path: FieldPath, value: number, name: string): void {
  if (value <= 0) errors.invalid(path, value, 'must be a positive value');
  if (value > maxPrecedence) errors.invalid(path, value, `must not be greater than ${maxPrecedence}`);
  if (value === 1 && name !== 'exempt') {
    errors.invalid(path, value, "only the schema named 'exempt' may have matchingPrecedence 1");
  }
}

export function validateFlowSchema({ metadata, spec, status }: FlowSchema, errors: ErrorList): void {
  const name = metadata.name ?? '';
  precedence(errors, specPath.child('matchingPrecedence'), spec?.matchingPrecedence ?? 0, name);
  const method = spec?.distinguisherMethod;
  if (method && !methods.includes(method.type)) {
    errors.notSupported(specPath.child('distinguisherMethod', 'type'), method, methods);
  }
  const level = specPath.child('priorityLevelConfiguration', 'name');
  const wanted = spec?.priorityLevelConfiguration?.name;
  if (wanted) subdomain(errors, level, wanted);
  else errors.required(level, 'must reference a priority level');
  const rules = specPath.child('rules');
  for (const [i, rule] of (spec?.rules ?? []).entries()) policyRules(errors, rules.index(i), rule);
  if (Object.hasOwn(mandatorySchemas, name) && !sameValue(spec, mandatorySchemas[name])) {
    errors.invalid(specPath, spec, `spec of '${name}' must equal the fixed value`);
  }
  flowConditions(errors, status?.conditions);
}

export const flowSchemaStatus: UpdateRules<FlowSchema> = {
  prepareUpdate: keepSpecAndMetadata,
  validateUpdate: ({ status }, _old, errors) => flowConditions(errors, status?.conditions),
};
