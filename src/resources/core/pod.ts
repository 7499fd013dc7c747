import { type ErrorList, FieldPath, wholeObject } from '../../api/field-errors.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { defineResource } from '../resource.ts';
import { imageSpaces } from '../rules/containers.ts';
import { matchingProfiles, mirrorAnnotation, podAnnotations } from '../rules/pod-annotations.ts';
import { podDefaults } from '../rules/pod-defaults.ts';
import { podSpec } from '../rules/pod-spec.ts';
import { podWarnings } from '../rules/pod-warnings.ts';
import { resets, resetsAllBut } from '../rules/reset-fields.ts';
import { keepStatus } from '../rules/status.ts';
import { podColumns } from './pod-columns.ts';
import { ephemeralContainersRules } from './pod-ephemeral-containers.ts';
import { gracePeriod, preparePod } from './pod-prepare.ts';
import { resizeRules } from './pod-resize.ts';
import { prepareStatus, validateStatus } from './pod-status.ts';
import { podUpdate } from './pod-updates.ts';

const annotations = FieldPath.of('metadata', 'annotations');
const spec = FieldPath.of('spec');

/** What holds for a pod at any time, new or changed. */
function validate(object: Pod, errors: ErrorList): void {
  if (!object.spec) {
    errors.required(spec);
    return;
  }
  podAnnotations(errors, annotations, object.metadata.annotations, object.spec);
  podSpec(errors, spec, object.spec, object.metadata.name, true);
  if (!object.spec.serviceAccountName) tokensWithoutAccount(object.spec, errors);
  for (const kind of ['containers', 'initContainers'] as const) {
    for (const [i, container] of (object.spec[kind] ?? []).entries()) {
      imageSpaces(errors, spec.child(kind).index(i), container);
    }
  }
}

function tokensWithoutAccount(podSpecification: NonNullable<Pod['spec']>, errors: ErrorList): void {
  for (const [i, volume] of (podSpecification.volumes ?? []).entries()) {
    for (const [j, source] of (volume.projected?.sources ?? []).entries()) {
      if (!source.serviceAccountToken) continue;
      const path = spec.child('volumes').index(i).child('projected', 'sources').index(j).child('serviceAccountToken');
      errors.forbidden(path, 'must not be specified when serviceAccountName is not set');
    }
  }
}

/** What holds for new pods only. */
function validateNew(object: Pod, errors: ErrorList): void {
  if (object.spec?.ephemeralContainers?.length) {
    errors.forbidden(spec.child('ephemeralContainers'), 'cannot be set on create');
  }
  if (object.spec?.nodeName && object.spec.schedulingGates?.length) {
    errors.forbidden(spec.child('nodeName'), 'cannot be set until all schedulingGates have been cleared');
  }
  if (!object.spec) return;
  matchingProfiles(errors, spec, object.metadata.annotations, object.spec);
  if (object.metadata.annotations?.[mirrorAnnotation] !== undefined && object.spec.resourceClaims?.length) {
    errors.forbidden(wholeObject, 'static pods do not support resource claims');
  }
}

export const pod = defineResource<Pod>({
  group: '',
  version: 'v1',
  resource: 'pods',
  kind: 'Pod',
  generation: true,
  defaults: (object) => {
    object.spec ??= { containers: [] };
    podDefaults(object.spec);
  },
  prepareCreate: preparePod,
  prepareUpdate: (object, old) => keepStatus(object, old),
  validate,
  validateCreate: validateNew,
  validateUpdate: podUpdate,
  warnings: podWarnings,
  status: { prepareUpdate: prepareStatus, validateUpdate: validateStatus },
  resetFields: {
    status: resets('spec', 'metadata.deletionTimestamp', 'metadata.ownerReferences'),
    ephemeralcontainers: resetsAllBut('spec.ephemeralContainers'),
    resize: resetsAllBut(
      'spec.containers.*.resources',
      'spec.containers.*.resizePolicy',
      'spec.initContainers.*.resources',
      'spec.initContainers.*.resizePolicy',
    ),
  },
  subresources: { ephemeralcontainers: ephemeralContainersRules(validate), resize: resizeRules(validate) },
  gracefulDelete: gracePeriod,
  columns: podColumns,
  selectableFields: {
    'spec.nodeName': (object) => object.spec?.nodeName ?? '',
    'spec.restartPolicy': (object) => object.spec?.restartPolicy ?? '',
    'spec.schedulerName': (object) => object.spec?.schedulerName ?? '',
    'spec.serviceAccountName': (object) => object.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': (object) => String(object.spec?.hostNetwork ?? false),
    'status.phase': (object) => object.status?.phase ?? '',
    'status.podIP': (object) => object.status?.podIPs?.[0]?.ip ?? '',
    'status.nominatedNodeName': (object) => object.status?.nominatedNodeName ?? '',
  },
  indexes: { 'spec.nodeName': (object) => object.spec?.nodeName },
});
