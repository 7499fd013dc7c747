import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { nameIsPathSegment } from '../../api/names.ts';
import type { Mutable } from '../../api/object.ts';
import type { PodGroupTemplate, TypedLocalObjectReference, Workload } from '../../api/types/scheduling-v1alpha2.gen.ts';
import { upTo } from '../resource/names.ts';
import { distinct, label, named, present, subdomain, unchanged } from '../rules/check.ts';
import { specPath } from '../rules/workloads.ts';
import { dropFeatures, schedulingPolicy } from './pod-group-parts.ts';

/** Rules of Workloads. Source: the markers of scheduling/v1alpha2. */

const maxTemplates = 8;
const templatesPath = specPath.child('podGroupTemplates');
const controllerPath = specPath.child('controllerRef');

export function prepareWorkload({ spec }: Mutable<Workload>): void {
  for (const template of spec?.podGroupTemplates ?? []) dropFeatures(template as Mutable<PodGroupTemplate>);
}

function controllerRef(errors: ErrorList, { apiGroup, kind, name }: TypedLocalObjectReference): void {
  if (apiGroup) subdomain(errors, controllerPath.child('apiGroup'), apiGroup);
  for (const [field, value] of Object.entries({ kind, name })) {
    const at = controllerPath.child(field);
    if (present(errors, at, value)) named(errors, at, value, (text) => nameIsPathSegment(text, false));
  }
}

function template(errors: ErrorList, path: FieldPath, { name, schedulingPolicy: policy }: PodGroupTemplate): void {
  if (present(errors, path.child('name'), name)) label(errors, path.child('name'), name);
  schedulingPolicy(errors, path.child('schedulingPolicy'), policy);
}

export function validateWorkload({ spec }: Workload, errors: ErrorList): void {
  if (spec?.controllerRef) controllerRef(errors, spec.controllerRef);
  const templates = spec?.podGroupTemplates ?? [];
  if (templates.length === 0) errors.required(templatesPath);
  if (!upTo(errors, templatesPath, templates, maxTemplates, template)) return;
  const [nameOf, whole] = [({ name }: PodGroupTemplate) => name, (one: PodGroupTemplate) => one];
  distinct(errors, templates, nameOf, (i) => templatesPath.index(i), whole);
}

export function validateWorkloadUpdate({ spec }: Workload, old: Workload, errors: ErrorList): void {
  unchanged(errors, controllerPath, spec?.controllerRef, old.spec?.controllerRef);
  unchanged(errors, templatesPath, spec?.podGroupTemplates, old.spec?.podGroupTemplates);
}
