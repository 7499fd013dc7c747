import { FieldPath } from '../../api/field-errors.ts';
import type { PodPreset } from '../../api/types/settings-v1alpha1.gen.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { env, envFrom } from '../rules/env.ts';
import { labelSelector } from '../rules/labels.ts';
import { podSpecDefaults } from '../rules/pod-defaults.ts';
import { volumeMounts } from '../rules/volume-mounts.ts';
import { volumes } from '../rules/volumes.ts';

const specPath = FieldPath.of('spec');

/** What is put into pods when they are made. Source of the rules: kubernetes 1.19 `pkg/apis/settings/validation`. */
export const podPreset = defineResource<PodPreset>({
  group: 'settings.k8s.io',
  version: 'v1alpha1',
  resource: 'podpresets',
  kind: 'PodPreset',
  // The same as in a pod, so that what is equal there is equal here.
  defaults: ({ spec = {} }) =>
    podSpecDefaults({
      containers: [{ name: '', ...(spec.env && { env: spec.env }) }],
      ...(spec.volumes && { volumes: spec.volumes }),
    }),
  validate: ({ spec = {} }, errors) => {
    labelSelector(errors, specPath.child('selector'), spec.selector);
    if (!spec.env && !spec.envFrom && !spec.volumeMounts && !spec.volumes)
      errors.required(specPath.child('volumes', 'env', 'envFrom', 'volumeMounts'), 'must specify at least one');
    const known = volumes(errors, specPath.child('volumes'), spec.volumes, { podName: undefined, isPod: false });
    env(errors, specPath.child('env'), spec.env);
    envFrom(errors, specPath.child('envFrom'), spec.envFrom);
    volumeMounts(
      errors,
      specPath.child('volumeMounts'),
      { name: '', ...(spec.volumeMounts && { volumeMounts: spec.volumeMounts }) },
      known,
    );
  },
  columns: [nameColumn, ageColumn],
});
