import type { PodCertificateRequest } from '../../api/types/certificates-v1beta1.gen.ts';
import { defaultColumns } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { resets } from '../rules/reset-fields.ts';
import { dropStatus, keepSpecAndMetadata, keepStatus } from '../rules/status.ts';
import { validateNewPodRequest, validatePodRequestUpdate } from './pod-certificate-request-rules.ts';
import { validatePodRequestStatus } from './pod-certificate-status-rules.ts';

export const podCertificateRequest = defineResource<PodCertificateRequest>({
  group: 'certificates.k8s.io',
  version: 'v1beta1',
  resource: 'podcertificaterequests',
  kind: 'PodCertificateRequest',
  unconditionalUpdate: false,
  prepareCreate: dropStatus,
  prepareUpdate: keepStatus,
  validateCreate: validateNewPodRequest,
  validateUpdate: validatePodRequestUpdate,
  status: { prepareUpdate: keepSpecAndMetadata, validateUpdate: validatePodRequestStatus },
  resetFields: { status: resets('spec', 'metadata') },
  columns: defaultColumns,
  selectableFields: {
    'spec.signerName': ({ spec }) => spec.signerName,
    'spec.podName': ({ spec }) => spec.podName,
    'spec.nodeName': ({ spec }) => spec.nodeName,
  },
});
