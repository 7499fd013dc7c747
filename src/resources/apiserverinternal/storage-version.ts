import type { StorageVersion } from '../../api/types/apiserverinternal-v1alpha1.gen.ts';
import { ageColumn, firstOf, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { resets } from '../rules/reset-fields.ts';
import { dropStatus, keepSpecAndMetadata, keepStatus } from '../rules/status.ts';
import { storageVersionNameErrors, validateStorageVersionStatus } from './storage-version-rules.ts';

export const storageVersion = defineResource<StorageVersion>({
  group: 'internal.apiserver.k8s.io',
  version: 'v1alpha1',
  resource: 'storageversions',
  kind: 'StorageVersion',
  unconditionalUpdate: false,
  validateName: storageVersionNameErrors,
  prepareCreate: dropStatus,
  prepareUpdate: keepStatus,
  status: { prepareUpdate: keepSpecAndMetadata, validateUpdate: validateStorageVersionStatus },
  resetFields: { status: resets('spec', 'metadata') },
  columns: [
    nameColumn,
    text('CommonEncodingVersion', ({ status }) => status?.commonEncodingVersion ?? '<unset>'),
    text(
      'StorageVersions',
      ({ status }) =>
        firstOf(
          (status?.storageVersions ?? []).map((server) => `${server.apiServerID}=${server.encodingVersion}`),
          3,
        ) || '<unset>',
    ),
    ageColumn,
  ],
});
