import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import type { IngressClass, IngressClassParametersReference } from '../../api/types/networking-v1.gen.ts';
import { domainPrefixedPath, label, unchanged } from '../rules/check.ts';
import { specPath } from '../rules/workloads.ts';
import { typedReference } from './typed-reference.ts';

const maxController = 250;

export function ingressClassDefaults(object: Mutable<IngressClass>): void {
  const parameters = (object.spec ??= {}).parameters;
  if (parameters) parameters.scope ??= 'Cluster';
}

function parameters(errors: ErrorList, path: FieldPath, ref: IngressClassParametersReference): void {
  typedReference(errors, path, ref);
  const at = path.child('namespace');
  if (ref.scope === undefined) errors.required(path.child('scope'));
  else if (ref.scope === 'Namespace') {
    if (ref.namespace === undefined) errors.required(at, "`parameters.scope` is set to 'Namespace'");
    else label(errors, at, ref.namespace);
  } else if (ref.scope === 'Cluster') {
    if (ref.namespace !== undefined) errors.forbidden(at, "`parameters.scope` is set to 'Cluster'");
  } else errors.notSupported(path.child('scope'), ref.scope, ['Cluster', 'Namespace']);
}

export function validateIngressClass({ spec }: IngressClass, errors: ErrorList): void {
  const controller = spec?.controller ?? '';
  const at = specPath.child('controller');
  if (controller.length > maxController) errors.tooLong(at, maxController);
  domainPrefixedPath(errors, at, controller);
  if (spec?.parameters) parameters(errors, specPath.child('parameters'), spec.parameters);
}

export function validateIngressClassUpdate(object: IngressClass, old: IngressClass, errors: ErrorList): void {
  unchanged(errors, specPath.child('controller'), object.spec?.controller, old.spec?.controller);
}
