import { type Mutable, type OwnerReference, thaw } from '../api/object.ts';
import type { Pod, PodTemplateSpec } from '../api/types/core-v1.gen.ts';

/** A pod to create from a template, controlled by `reference`. */
export function podFromTemplate(
  template: PodTemplateSpec,
  parent: { readonly name: string; readonly namespace: string },
  reference: OwnerReference,
): Mutable<Pod> {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${parent.name}-`,
      namespace: parent.namespace,
      labels: { ...labels },
      annotations: { ...annotations },
      ...(finalizers && { finalizers: [...finalizers] }),
      ownerReferences: [{ ...reference }],
    },
    ...(template.spec && { spec: thaw(template.spec) }),
  };
}
