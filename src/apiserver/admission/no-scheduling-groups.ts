import type { KubeObject, Mutable } from '../../api/object.ts';
import type { PodSpec, PodTemplateSpec } from '../../api/types/core-v1.gen.ts';
import type { AdmissionPlugin } from './admission.ts';

interface WithPods {
  readonly spec?: PodSpec & {
    readonly template?: PodTemplateSpec;
    readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplateSpec } };
  };
  readonly template?: PodTemplateSpec;
}

function podSpec(object: KubeObject | undefined): PodSpec | undefined {
  const { spec, template } = (object ?? {}) as WithPods;
  return (spec?.template ?? spec?.jobTemplate?.spec?.template ?? template)?.spec ?? spec;
}

/** Where PodGroups are not served, pods and templates belong to none. Upstream: dropDisabledFields of pods. */
export const noSchedulingGroups: AdmissionPlugin = {
  name: 'NoSchedulingGroups',
  operations: new Set(['CREATE', 'UPDATE']),
  resources: new Set([
    'pods',
    'podtemplates',
    'replicationcontrollers',
    'daemonsets.apps',
    'deployments.apps',
    'replicasets.apps',
    'statefulsets.apps',
    'cronjobs.batch',
    'jobs.batch',
  ]),
  mutate: ({ subresource, object, old }) => {
    if (subresource) return;
    const spec = podSpec(object as KubeObject | undefined) as Mutable<PodSpec> | undefined;
    if (spec?.schedulingGroup && !podSpec(old)?.schedulingGroup) delete spec.schedulingGroup;
  },
};
