import type { Mutable } from '../../api/object.ts';
import type { Ingress, IngressClass } from '../../api/types/networking-v1.gen.ts';
import { newestDefault } from '../../resources/rules/newest-default.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin } from './admission.ts';

const classes = 'ingressclasses.networking.k8s.io';

const isDefault = ({ metadata }: IngressClass): boolean =>
  metadata?.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true';

/** An ingress that names no class, in the new way or the old, gets the default one. Source: plugin/pkg/admission/network/defaultingressclass. */
export function defaultIngressClass(store: Store): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    operations: new Set(['CREATE']),
    resources: new Set(['ingresses.networking.k8s.io']),
    mutate: ({ subresource, object }) => {
      if (subresource || !object) return;
      const ingress = object as unknown as Mutable<Ingress>;
      const names = ingress.spec?.ingressClassName ?? ingress.metadata?.annotations?.['kubernetes.io/ingress.class'];
      if (names !== undefined || store.count(classes) === 0) return;
      const all = store.list(classes).entries.map((entry) => entry.object as unknown as IngressClass);
      const name = newestDefault(all, isDefault)?.metadata.name;
      if (name !== undefined) (ingress.spec ??= {}).ingressClassName = name;
    },
  };
}
