import { jobs as jobsRef } from '../../api/kinds.gen.ts';
import type { Mutable } from '../../api/object.ts';
import type { Job } from '../../api/types/batch-v1.gen.ts';
import type { Container, Pod } from '../../api/types/core-v1.gen.ts';
import { controllerReference } from '../ownership.ts';
import { podFromTemplate } from '../pod-template.ts';
import { failureAnnotations } from './index-failures.ts';
import { completionIndexKey, limitsPerIndex, trackingFinalizer } from './job-facts.ts';

const indexVariable = 'JOB_COMPLETION_INDEX';

/** What the server leaves of a generateName: the rest is its own. */
const longestPrefix = 58;

/** A pod of the job, tracked by it. `index`: its completion index, if the job has such; `failed`: the pod it follows there. */
export function podOf(job: Job, index: number | undefined, failed: Pod | undefined): Mutable<Pod> {
  const { namespace, name } = job.metadata;
  const parent = { name: name!, namespace: namespace! };
  const pod = podFromTemplate(job.spec!.template, parent, controllerReference(job, jobsRef));
  const finalizers = pod.metadata.finalizers ?? [];
  pod.metadata.finalizers = finalizers.includes(trackingFinalizer) ? finalizers : [...finalizers, trackingFinalizer];
  if (index === undefined) return pod;
  const own = { [completionIndexKey]: String(index) };
  pod.metadata.labels = { ...pod.metadata.labels, ...own };
  const counts = limitsPerIndex(job) ? failureAnnotations(job, failed) : {};
  pod.metadata.annotations = { ...pod.metadata.annotations, ...own, ...counts };
  pod.metadata.generateName = namePrefix(name!, index);
  pod.spec!.hostname = `${name}-${index}`;
  for (const container of [...(pod.spec!.initContainers ?? []), ...pod.spec!.containers]) nameIndex(container);
  return pod;
}

/** A name that is too long is cut before the index, not within it. */
function namePrefix(name: string, index: number): string {
  const suffix = `-${index}-`;
  return `${name.slice(0, longestPrefix - suffix.length)}${suffix}`;
}

/** Tells a container its index, unless the user has used that name. */
function nameIndex(container: Mutable<Container>): void {
  if (container.env?.some((variable) => variable.name === indexVariable)) return;
  const fieldRef = { fieldPath: `metadata.labels['${completionIndexKey}']` };
  container.env = [...(container.env ?? []), { name: indexVariable, valueFrom: { fieldRef } }];
}
