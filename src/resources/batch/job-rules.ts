import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1123LabelErrors } from '../../api/names.ts';
import type { Mutable } from '../../api/object.ts';
import type { Job, JobSpec } from '../../api/types/batch-v1.gen.ts';
import type { Container, PodTemplateSpec } from '../../api/types/core-v1.gen.ts';
import { unchanged } from '../rules/check.ts';
import { labelSelector, type StringMap, selects } from '../rules/labels.ts';
import { podTemplateDefaults } from '../rules/pod-defaults.ts';
import { dropStatus } from '../rules/status.ts';
import { specPath } from '../rules/workloads.ts';
import { jobSpec } from './job-spec.ts';

const uidLabel = 'batch.kubernetes.io/controller-uid';
const nameLabel = 'batch.kubernetes.io/job-name';
/** The same labels before they had a prefix. */
const oldUidLabel = 'controller-uid';
const oldNameLabel = 'job-name';

const noLimit = 2_147_483_647;

/** Defaults of failure rules, in jobs and in templates of jobs. */
export function jobTemplateDefaults(spec: Mutable<JobSpec>): void {
  podTemplateDefaults(spec);
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
  }
}

export function jobDefaults(object: Mutable<Job>): void {
  object.status ??= {};
  const spec = (object.spec ??= {} as Mutable<JobSpec>);
  jobTemplateDefaults(spec);
  if (spec.parallelism === undefined) spec.completions ??= 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : noLimit;
  labelsFromTemplate(object);
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  spec.manualSelector ??= false;
}

/** A job without labels of its own shares those of its pods, also the ones generated later. */
function labelsFromTemplate(object: Mutable<Job>): void {
  const labels = object.spec?.template.metadata?.labels;
  if (labels && Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = labels;
}

export function prepareJob(object: Mutable<Job>): void {
  dropStatus(object);
  if (object.spec && !object.spec.manualSelector) generateSelector(object, object.spec);
  labelsFromTemplate(object);
  const { labels } = object.metadata;
  if (labels) object.metadata.labels = { ...labels };
}

/** Pods of a job are found by its uid, so no two jobs share them. Conflicting labels are refused by validation. */
function generateSelector({ metadata }: Mutable<Job>, spec: Mutable<JobSpec>): void {
  const template = (spec.template.metadata ??= {}) as Mutable<NonNullable<PodTemplateSpec['metadata']>>;
  const labels = (template.labels ??= {}) as Record<string, string>;
  const [name, uid] = [metadata.name ?? '', metadata.uid ?? ''];
  labels[oldNameLabel] ??= name;
  labels[nameLabel] ??= name;
  labels[oldUidLabel] ??= uid;
  labels[uidLabel] ??= uid;
  const selector = (spec.selector ??= {});
  const wanted = (selector.matchLabels ??= {}) as Record<string, string>;
  wanted[uidLabel] ??= uid;
}

/** What generateSelector writes must be there, unless the user chose the selector. */
function generated(object: Job, spec: JobSpec, errors: ErrorList): void {
  const { selector, template } = spec;
  if (spec.manualSelector || !selector) return;
  const { name = '', uid = '' } = object.metadata;
  if (!uid) errors.required(FieldPath.of('metadata', 'uid'));
  const labels: StringMap = template.metadata?.labels ?? {};
  const expected = { [oldUidLabel]: uid, [oldNameLabel]: name, [uidLabel]: uid, [nameLabel]: name };
  for (const [key, value] of Object.entries(expected)) {
    const at = specPath.child('template', 'metadata', 'labels').key(key);
    if (labels[key] === undefined) errors.required(at, `must be '${value}'`);
    if ((labels[key] ?? '') !== value) errors.invalid(at, labels, `must be '${value}'`);
  }
  if (selects(selector, expected) === false) {
    errors.invalid(specPath.child('selector'), selector, '`selector` not auto-generated');
  }
}

export function validateJob(object: Job, errors: ErrorList): void {
  const spec = object.spec ?? ({ template: {} } as JobSpec);
  generated(object, spec, errors);
  jobSpec(errors, specPath, spec);
  const at = specPath.child('selector');
  if (spec.selector) labelSelector(errors, at, spec.selector);
  else errors.required(at);
  const labels = spec.template.metadata?.labels;
  if (!spec.selector || selects(spec.selector, labels) === false) {
    const path = specPath.child('template', 'metadata', 'labels');
    errors.invalid(path, labels, '`selector` does not match template `labels`');
  }
  if (spec.completionMode === 'Indexed' && (spec.completions ?? 0) > 0) hostnames(object, spec.completions!, errors);
}

/** Pods of an indexed job get host names that end in their index. */
function hostnames({ metadata }: Job, completions: number, errors: ErrorList): void {
  const longest = `${metadata.name}-${completions - 1}`;
  if (dns1123LabelErrors(longest).length === 0) return;
  const text = `will not able to create pod with invalid DNS label: ${longest}`;
  errors.invalid(FieldPath.of('metadata', 'name'), metadata.name, text);
}

/** Where the pods of a suspended job run, and with how much, may still be changed: the old template with that of the new. */
function withPlacementOf(old: PodTemplateSpec, now: PodTemplateSpec): PodTemplateSpec {
  const { affinity: _, nodeSelector: __, tolerations: ___, schedulingGates: ____, ...rest } = { ...old.spec! };
  const { nodeAffinity: _____, ...kept } = old.spec?.affinity ?? {};
  const free = now.spec ?? { containers: [] };
  const nodeAffinity = free.affinity?.nodeAffinity;
  const affinity = { ...kept, ...(nodeAffinity && { nodeAffinity }) };
  const metadata = { ...old.metadata, labels: now.metadata?.labels, annotations: now.metadata?.annotations };
  return {
    ...old,
    metadata: metadata as NonNullable<PodTemplateSpec['metadata']>,
    spec: {
      ...rest,
      containers: withResourcesOf(rest.containers, free.containers),
      ...(rest.initContainers && { initContainers: withResourcesOf(rest.initContainers, free.initContainers ?? []) }),
      ...(Object.keys(affinity).length > 0 || free.affinity ? { affinity } : {}),
      ...(free.nodeSelector && { nodeSelector: free.nodeSelector }),
      ...(free.tolerations && { tolerations: free.tolerations }),
      ...(free.schedulingGates && { schedulingGates: free.schedulingGates }),
    },
  };
}

const withResourcesOf = (old: readonly Container[], now: readonly Container[]): Container[] =>
  old.map((container, i) => {
    const { resources: _, ...rest } = container;
    const resources = now[i]?.resources;
    return resources ? { ...rest, resources } : rest;
  });

/** Suspended, and no pod runs or may yet come by the old template. */
function isIdle({ spec, status }: Job): boolean {
  if (!spec?.suspend || (status?.active ?? 0) > 0) return false;
  return !status?.startTime || (status.conditions ?? []).some((c) => c.type === 'Suspended' && c.status === 'True');
}

export function validateJobUpdate(object: Job, old: Job, errors: ErrorList): void {
  const [now, before] = [object.spec, old.spec];
  if (!now || !before) return;
  if (now.completionMode !== 'Indexed') {
    unchanged(errors, specPath.child('completions'), now.completions, before.completions);
  } else if (now.completions !== before.completions && now.completions !== undefined) {
    if (now.completions !== now.parallelism) {
      const text = 'can only be modified in tandem with spec.parallelism';
      errors.invalid(specPath.child('completions'), now.completions, text);
    }
  }
  unchanged(errors, specPath.child('selector'), now.selector, before.selector);
  const template = isIdle(old) ? withPlacementOf(before.template, now.template) : before.template;
  unchanged(errors, specPath.child('template'), now.template, template);
  for (const field of [
    'completionMode',
    'podFailurePolicy',
    'backoffLimitPerIndex',
    'managedBy',
    'successPolicy',
  ] as const) {
    unchanged(errors, specPath.child(field), now[field], before[field]);
  }
}
