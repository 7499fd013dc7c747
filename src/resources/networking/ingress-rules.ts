import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { portNameErrors, wildcardSubdomainErrors } from '../../api/names.ts';
import type { Mutable } from '../../api/object.ts';
import type { HTTPIngressPath, Ingress, IngressBackend, IngressSpec } from '../../api/types/networking-v1.gen.ts';
import type { UpdateRules } from '../resource.ts';
import { looksLikeAddress } from '../rules/addresses.ts';
import { address, label, named, port, subdomain } from '../rules/check.ts';
import { keepSpec } from '../rules/status.ts';
import { specPath, statusPath } from '../rules/workloads.ts';
import { typedReference } from './typed-reference.ts';

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const badSequences = ['//', '/./', '/../', '%2f', '%2F'];
const badEndings = ['/..', '/.'];

export function ingressDefaults(object: Mutable<Ingress>): void {
  object.spec ??= {};
  const status = (object.status ??= {});
  status.loadBalancer ??= {};
}

export function prepareIngress(object: Mutable<Ingress>): void {
  object.status = { loadBalancer: {} };
}

function backend(errors: ErrorList, path: FieldPath, { resource, service }: IngressBackend): void {
  if (resource && service) errors.invalid(path, '', 'cannot set both resource and service backends');
  else if (resource) typedReference(errors, path.child('resource'), resource);
  else if (!service) errors.invalid(path, '', 'resource or service backend is required');
  else {
    const at = path.child('service', 'name');
    if (service.name) label(errors, at, service.name);
    else errors.required(at);
    const { name, number } = service.port ?? {};
    if (name && number) errors.invalid(path, '', 'cannot set both port name & port number');
    else if (name) named(errors, path.child('service', 'port', 'name'), name, portNameErrors);
    else if (number) port(errors, path.child('service', 'port', 'number'), number);
    else errors.required(path, 'port name or number is required');
  }
}

function httpPath(errors: ErrorList, path: FieldPath, value: HTTPIngressPath): void {
  const { path: text = '', pathType } = value;
  if (pathType === undefined) {
    errors.required(path.child('pathType'), 'pathType must be specified');
    return;
  }
  const at = path.child('path');
  const relative = !text.startsWith('/');
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (relative) errors.invalid(at, text, 'must be an absolute path');
    for (const part of badSequences) if (text.includes(part)) errors.invalid(at, text, `must not contain '${part}'`);
    for (const end of badEndings) if (text.endsWith(end)) errors.invalid(at, text, `cannot end with '${end}'`);
  } else if (pathType === 'ImplementationSpecific') {
    if (text && relative) errors.invalid(at, text, 'must be an absolute path');
  } else errors.notSupported(path.child('pathType'), pathType, pathTypes);
  backend(errors, path.child('backend'), value.backend ?? {});
}

function hostName(errors: ErrorList, path: FieldPath, host: string): void {
  if (host.includes('*')) named(errors, path, host, wildcardSubdomainErrors);
  else subdomain(errors, path, host);
}

function rules(errors: ErrorList, path: FieldPath, spec: IngressSpec): void {
  for (const [i, rule] of (spec.rules ?? []).entries()) {
    const at = path.index(i);
    if (rule.host) {
      if (looksLikeAddress(rule.host))
        errors.invalid(at.child('host'), rule.host, 'must be a DNS name, not an IP address');
      hostName(errors, at.child('host'), rule.host);
    }
    if (!rule.http) continue;
    const paths = at.child('http', 'paths');
    if (!rule.http.paths?.length) errors.required(paths);
    for (const [j, value] of (rule.http.paths ?? []).entries()) httpPath(errors, paths.index(j), value);
  }
}

export function validateIngress(object: Ingress, errors: ErrorList): void {
  const spec = object.spec ?? {};
  if (!spec.rules?.length && !spec.defaultBackend) {
    errors.invalid(specPath, spec.rules, 'either `defaultBackend` or `rules` must be specified');
  }
  if (spec.defaultBackend) backend(errors, specPath.child('defaultBackend'), spec.defaultBackend);
  rules(errors, specPath.child('rules'), spec);
  for (const [i, tls] of (spec.tls ?? []).entries()) {
    const at = specPath.child('tls').index(i);
    for (const [j, host] of (tls.hosts ?? []).entries()) hostName(errors, at.child('hosts').index(j), host);
    if (tls.secretName) subdomain(errors, at.child('secretName'), tls.secretName);
  }
  if (spec.ingressClassName !== undefined) {
    subdomain(errors, specPath.child('ingressClassName'), spec.ingressClassName);
  }
}

const classAnnotation = 'kubernetes.io/ingress.class';

export function validateNewIngress(object: Ingress, errors: ErrorList): void {
  const annotated = object.metadata.annotations?.[classAnnotation];
  const chosen = object.spec?.ingressClassName;
  if (annotated === undefined || chosen === undefined || annotated === chosen) return;
  const text = 'must match `ingressClassName` when both are specified';
  errors.invalid(FieldPath.of('annotations').child(classAnnotation), annotated, text);
}

export const ingressWarnings = ({ metadata }: Ingress, old: Ingress | undefined): string[] =>
  old || metadata.annotations?.[classAnnotation] === undefined
    ? []
    : [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`];

export const ingressStatus: UpdateRules<Ingress> = {
  prepareUpdate: keepSpec,
  validateUpdate({ status }, old, errors) {
    const known = (old.status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip);
    const path = statusPath.child('loadBalancer', 'ingress');
    for (const [i, { ip, hostname }] of (status?.loadBalancer?.ingress ?? []).entries()) {
      if (ip) address(errors, path.index(i).child('ip'), ip, known);
      if (!hostname) continue;
      const at = path.index(i).child('hostname');
      subdomain(errors, at, hostname);
      if (looksLikeAddress(hostname)) errors.invalid(at, hostname, 'must be a DNS name, not an IP address');
    }
  },
};
