import type { KubeObject, Mutable } from '../../api/object.ts';
import type { IngressBackend, IngressSpec } from '../../api/types/networking-v1.gen.ts';
import type { Differences } from './old-version.ts';

/**
 * Ingress of extensions/v1beta1 and networking.k8s.io/v1beta1: backends name service and port directly, and the type of a
 * path may be left out. Source: kubernetes `pkg/apis/networking/v1beta1/{conversion,defaults}.go`.
 */

interface OldBackend {
  serviceName?: string;
  servicePort?: string | number;
  resource?: unknown;
}

type Backend = Mutable<IngressBackend> & OldBackend;

interface Spec extends Mutable<Omit<IngressSpec, 'defaultBackend'>> {
  /** The old name of defaultBackend. */
  backend?: Backend;
  defaultBackend?: Backend;
}

const specOf = (object: Mutable<KubeObject>): Spec => (object['spec'] ?? {}) as Spec;

function* pathsOf(spec: Spec) {
  for (const rule of spec.rules ?? []) yield* rule.http?.paths ?? [];
}

function toService(backend: Backend): void {
  const { serviceName = '', servicePort = 0 } = backend;
  if (serviceName || servicePort !== 0)
    backend.service = {
      name: serviceName,
      port: typeof servicePort === 'string' ? { name: servicePort } : { number: servicePort },
    };
  delete backend.serviceName;
  delete backend.servicePort;
}

function fromService(backend: Backend): void {
  const { service } = backend;
  if (!service) return;
  backend.serviceName = service.name;
  backend.servicePort = service.port?.name || (service.port?.number ?? 0);
  delete backend.service;
}

/** Applies `change` to every backend. */
function eachBackend(spec: Spec, change: (backend: Backend) => void): void {
  for (const path of pathsOf(spec)) if (path.backend) change(path.backend as Backend);
  if (spec.backend) change(spec.backend);
}

export const v1beta1Ingress: Differences = {
  defaults: (object) => {
    for (const path of pathsOf(specOf(object))) path.pathType ??= 'ImplementationSpecific';
  },
  toStorage: (object) => {
    const spec = specOf(object);
    eachBackend(spec, toService);
    if (spec.backend) spec.defaultBackend = spec.backend;
    delete spec.backend;
  },
  fromStorage: (object) => {
    const spec = specOf(object);
    if (spec.defaultBackend) spec.backend = spec.defaultBackend;
    delete spec.defaultBackend;
    eachBackend(spec, fromService);
  },
};
