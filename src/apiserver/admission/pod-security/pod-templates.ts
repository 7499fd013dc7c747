import type { KubeObject } from '../../../api/object.ts';
import type { PodTemplateSpec } from '../../../api/types/core-v1.gen.ts';
import type { PodLike } from './check.ts';

interface WithTemplate {
  readonly template?: PodTemplateSpec;
  readonly spec?: {
    readonly template?: PodTemplateSpec;
    readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplateSpec } };
  };
}

type Find = (object: WithTemplate) => PodTemplateSpec | undefined;

const inSpec: Find = ({ spec }) => spec?.template;

/** Where kinds that make pods say how. Source: pod-security-admission `admission.go`, DefaultPodSpecExtractor. */
const templates: Readonly<Record<string, Find>> = {
  replicationcontrollers: inSpec,
  podtemplates: ({ template }) => template,
  'replicasets.apps': inSpec,
  'deployments.apps': inSpec,
  'statefulsets.apps': inSpec,
  'daemonsets.apps': inSpec,
  'jobs.batch': inSpec,
  'cronjobs.batch': ({ spec }) => spec?.jobTemplate?.spec?.template,
};

/** The resources that make pods. */
export const templateResources: readonly string[] = Object.keys(templates);

/** The pod that an object of such a resource would make; undefined when it says nothing of one. */
export function templateOf(resource: string, object: KubeObject): PodLike | undefined {
  const { metadata, spec } = templates[resource]?.(object as WithTemplate) ?? {};
  return spec && { ...(metadata && { metadata }), spec };
}
