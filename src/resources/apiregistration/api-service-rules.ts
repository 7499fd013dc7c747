import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1035LabelErrors, portNumberErrors } from '../../api/names.ts';
import type { Mutable } from '../../api/object.ts';
import type { APIService, APIServiceSpec, ServiceReference } from '../../api/types/apiregistration-v1.gen.ts';
import type { UpdateRules, WriteContext } from '../resource.ts';
import { named, present, subdomain } from '../rules/check.ts';
import { keepSpecAndMetadata, timeOf } from '../rules/status.ts';
import { specPath, statusPath } from '../rules/workloads.ts';

/** Rules of APIServices. Source: kube-aggregator apiregistration/validation and its strategy. */

const httpsPort = 443;
const maxGroupPriority = 20_000;
const maxVersionPriority = 1000;

export function apiServiceDefaults(object: Mutable<APIService>): void {
  const service = object.spec?.service;
  if (service) service.port ??= httpsPort;
}

/** A group that this server serves itself is there at once; whether another server is, a controller finds out. */
export function prepareApiService(object: Mutable<APIService>, context: WriteContext): void {
  object.status = {};
  if (object.spec?.service) return;
  object.status.conditions = [
    {
      type: 'Available',
      status: 'True',
      lastTransitionTime: timeOf(context),
      reason: 'Local',
      message: 'Local APIServices are always available',
    },
  ];
}

function priority(errors: ErrorList, field: keyof APIServiceSpec, value: number, max: number): void {
  if (value > 0 && value <= max) return;
  errors.invalid(specPath.child(field), value, `must be positive and less than ${max}`);
}

/** Of a group served here there is nobody to trust or to doubt. */
function local(errors: ErrorList, { caBundle, insecureSkipTLSVerify }: APIServiceSpec): void {
  if (caBundle) {
    const size = `${Buffer.from(caBundle, 'base64').length} bytes`;
    errors.invalid(specPath.child('caBundle'), size, 'local APIServices may not have a caBundle');
  }
  if (insecureSkipTLSVerify) {
    const text = 'local APIServices may not have insecureSkipTLSVerify';
    errors.invalid(specPath.child('insecureSkipTLSVerify'), true, text);
  }
}

function remote(errors: ErrorList, spec: APIServiceSpec, service: ServiceReference): void {
  const at = specPath.child('service');
  present(errors, at.child('namespace'), service.namespace);
  present(errors, at.child('name'), service.name);
  const port = service.port ?? httpsPort;
  const texts = portNumberErrors(port);
  if (texts.length) errors.invalid(at.child('port'), port, `port is not valid: ${texts.join(', ')}`);
  if (spec.insecureSkipTLSVerify && spec.caBundle) {
    errors.invalid(specPath.child('insecureSkipTLSVerify'), true, 'may not be true if caBundle is present');
  }
}

const none: APIServiceSpec = { groupPriorityMinimum: 0, versionPriority: 0 };

export function validateApiService({ metadata, spec = none }: APIService, errors: ErrorList): void {
  const { group = '', version = '' } = spec;
  const name = `${version}.${group}`;
  if (metadata.name !== undefined && metadata.name !== name) {
    const text = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(name)}`;
    errors.invalid(FieldPath.of('metadata', 'name'), metadata.name, text);
  }
  if (group) subdomain(errors, specPath.child('group'), group);
  else if (version !== 'v1') {
    errors.required(specPath.child('group'), 'only v1 may have an empty group and it better be legacy kube');
  }
  named(errors, specPath.child('version'), version, dns1035LabelErrors);
  priority(errors, 'groupPriorityMinimum', spec.groupPriorityMinimum, maxGroupPriority);
  priority(errors, 'versionPriority', spec.versionPriority, maxVersionPriority);
  if (spec.service) remote(errors, spec, spec.service);
  else local(errors, spec);
}

const statuses = ['True', 'False', 'Unknown'];

export const apiServiceStatus: UpdateRules<APIService> = {
  prepareUpdate: keepSpecAndMetadata,
  validateUpdate({ status }, _old, errors) {
    const at = statusPath.child('conditions');
    for (const [i, condition] of (status?.conditions ?? []).entries()) {
      if (statuses.includes(condition.status)) continue;
      errors.notSupported(at.index(i).child('status'), condition.status, statuses, 'given');
    }
  },
};
