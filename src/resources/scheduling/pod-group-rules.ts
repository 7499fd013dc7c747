import type { ErrorList } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import type { PodGroup, PodGroupTemplateReference } from '../../api/types/scheduling-v1alpha2.gen.ts';
import { label, present, reference, unchanged } from '../rules/check.ts';
import { conditions } from '../rules/conditions.ts';
import { dropStatus, keepSpecAndMetadata, keepStatus } from '../rules/status.ts';
import { specPath, statusPath } from '../rules/workloads.ts';
import { dropFeatures, schedulingPolicy } from './pod-group-parts.ts';

/** Rules of PodGroups. Source: the markers of scheduling/v1alpha2. */

const fromPath = specPath.child('podGroupTemplateRef');
const policyPath = specPath.child('schedulingPolicy');

export function preparePodGroup(object: Mutable<PodGroup>): void {
  dropFeatures(object.spec);
  dropStatus(object);
}

export function preparePodGroupUpdate(object: Mutable<PodGroup>, old: PodGroup): void {
  dropFeatures(object.spec);
  keepStatus(object, old);
}

export function preparePodGroupStatus(object: Mutable<PodGroup>, old: PodGroup): void {
  keepSpecAndMetadata(object, old);
  if (object.status) delete object.status.resourceClaimStatuses;
}

function templateRef(errors: ErrorList, { workload }: PodGroupTemplateReference): void {
  if (!workload) {
    errors.invalid(fromPath, '', 'must specify one of: `workload`');
    return;
  }
  const { workloadName, podGroupTemplateName: name } = workload;
  reference(errors, fromPath.child('workload').child('workloadName'), workloadName);
  const at = fromPath.child('workload').child('podGroupTemplateName');
  if (present(errors, at, name)) label(errors, at, name);
}

export function validatePodGroup({ spec }: PodGroup, errors: ErrorList): void {
  if (spec?.podGroupTemplateRef) templateRef(errors, spec.podGroupTemplateRef);
  schedulingPolicy(errors, policyPath, spec?.schedulingPolicy);
}

export function validatePodGroupUpdate({ spec }: PodGroup, old: PodGroup, errors: ErrorList): void {
  unchanged(errors, fromPath, spec?.podGroupTemplateRef, old.spec?.podGroupTemplateRef);
  unchanged(errors, policyPath, spec?.schedulingPolicy, old.spec?.schedulingPolicy);
}

export function validatePodGroupStatus({ status }: PodGroup, _: PodGroup, errors: ErrorList): void {
  conditions(errors, statusPath.child('conditions'), status?.conditions ?? []);
}
