import type { Mutable } from '../../api/object.ts';
import type { Binding, Pod } from '../../api/types/core-v1.gen.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin } from './admission.ts';

const copied = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/**
 * A pod that comes to a node gets the node's zone and region as labels, so that its containers can learn them. Source:
 * plugin/pkg/admission/podtopologylabels (PodTopologyLabelsAdmission).
 */
export function podTopologyLabels(store: Store): AdmissionPlugin {
  return {
    name: 'PodTopologyLabels',
    operations: new Set(['CREATE']),
    resources: new Set(['pods', 'bindings']),
    mutate: ({ served, subresource, object }) => {
      const binding = subresource === 'binding' || served.resource === 'bindings';
      if (!object || (subresource !== '' && !binding)) return;
      const name = binding ? targetOf(object as unknown as Binding) : (object as unknown as Pod).spec?.nodeName;
      if (!name) return;
      const given = store.head({ resource: 'nodes', namespace: '', name })?.object.metadata.labels;
      const labels = copied.filter((key) => given && Object.hasOwn(given, key)).map((key) => [key, given![key]!]);
      if (labels.length === 0) return;
      const metadata = ((object as Partial<typeof object>).metadata ??= {}) as Mutable<typeof object.metadata>;
      metadata.labels = { ...metadata.labels, ...Object.fromEntries(labels) };
    },
  };
}

/** Bindings to something else are none of this plugin's business. */
const targetOf = ({ target }: Binding): string | undefined => (target?.kind === 'Node' ? target.name : undefined);
