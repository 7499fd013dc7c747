import { forbidden } from '../../api/status.ts';
import type { PodGroup, Workload } from '../../api/types/scheduling-v1alpha2.gen.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin } from './admission.ts';

/** A PodGroup is made by a template that is there. Source: plugin/pkg/admission/podgroup. */
export function podGroupWorkload(store: Store): AdmissionPlugin {
  return {
    name: 'PodGroupWorkloadExists',
    operations: new Set(['CREATE']),
    resources: new Set(['podgroups.scheduling.k8s.io']),
    validate: ({ subresource, object, served, name, namespace }) => {
      const from = (object as unknown as PodGroup | undefined)?.spec?.podGroupTemplateRef?.workload;
      if (subresource || !from) return;
      const { workloadName, podGroupTemplateName } = from;
      const head = store.head({ resource: 'workloads.scheduling.k8s.io', namespace, name: workloadName });
      const workload = JSON.stringify(workloadName);
      if (!head) throw forbidden(served, name, `PodGroup rejected: Workload ${workload} not found`);
      const { spec } = head.object as unknown as Workload;
      if (spec.podGroupTemplates.some((template) => template.name === podGroupTemplateName)) return;
      const template = `PodGroupTemplate ${JSON.stringify(podGroupTemplateName)}`;
      throw forbidden(served, name, `PodGroup rejected: ${template} not found in Workload ${workload}`);
    },
  };
}
