import { type ErrorList, FieldPath, wholeObject } from '../../api/field-errors.ts';
import { type Mutable, thaw } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { Pod, PodSpec } from '../../api/types/core-v1.gen.ts';
import type { UpdateRules } from '../resource.ts';
import { difference } from '../rules/check.ts';
import { mirrorAnnotation, podAnnotationUpdates } from '../rules/pod-annotations.ts';
import { keepMetadata, keepStatus } from '../rules/status.ts';

/** pods/ephemeralcontainers adds debugging containers; those that are there stay. Source: ValidatePodEphemeralContainersUpdate. */

type Validate = (object: Pod, errors: ErrorList, old?: Pod) => void;

const path = FieldPath.of('spec', 'ephemeralContainers');
const annotations = FieldPath.of('metadata', 'annotations');

export const ephemeralContainersRules = (validate: Validate): UpdateRules<Pod> => ({
  prepareUpdate: (object, old) => {
    const added = object.spec?.ephemeralContainers;
    object.spec = thaw(old.spec) as Mutable<PodSpec>;
    if (added) object.spec.ephemeralContainers = added;
    else delete object.spec.ephemeralContainers;
    keepStatus(object, old);
    keepMetadata(object, old);
  },
  validateUpdate: (object, old, errors) => {
    if (old.metadata.annotations?.[mirrorAnnotation] !== undefined) {
      errors.forbidden(wholeObject, 'static pods do not support ephemeral containers');
      return;
    }
    validate(object, errors, old);
    podAnnotationUpdates(errors, annotations, object.metadata.annotations, old.metadata.annotations);
    for (const before of old.spec?.ephemeralContainers ?? []) {
      const after = object.spec?.ephemeralContainers?.find((container) => container.name === before.name);
      const name = JSON.stringify(before.name);
      if (!after) errors.forbidden(path, `existing ephemeral containers ${name} may not be removed\n`);
      else if (!sameValue(before, after)) {
        const changes = difference(before, after).join('\n');
        errors.forbidden(path, `existing ephemeral containers ${name} may not be changed\n${changes}`);
      }
    }
  },
});
