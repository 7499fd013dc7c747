import { humanDuration } from '../../api/human-duration.ts';
import { nameIsPathSegment } from '../../api/names.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { resets } from '../rules/reset-fields.ts';
import {
  prepareRequest,
  prepareRequestUpdate,
  requestApproval,
  requestStatus,
  validateRequest,
} from './certificate-signing-request-rules.ts';

function condition({ status }: CertificateSigningRequest): string {
  const types = (status?.conditions ?? []).map((c) => c.type);
  const words = [types.includes('Denied') ? 'Denied' : types.includes('Approved') ? 'Approved' : 'Pending'];
  if (types.includes('Failed')) words.push('Failed');
  if (status?.certificate) words.push('Issued');
  return words.join(',');
}

export const certificateSigningRequest = defineResource<CertificateSigningRequest>({
  group: 'certificates.k8s.io',
  version: 'v1',
  resource: 'certificatesigningrequests',
  kind: 'CertificateSigningRequest',
  validateName: nameIsPathSegment,
  prepareCreate: prepareRequest,
  prepareUpdate: prepareRequestUpdate,
  validate: validateRequest,
  status: requestStatus,
  subresources: { approval: requestApproval },
  resetFields: {
    '': resets('spec', 'status'),
    status: resets('spec', 'status.conditions'),
    approval: resets('spec', 'status.certificate'),
  },
  columns: [
    nameColumn,
    ageColumn,
    text('SignerName', (object) => object.spec.signerName || '<none>'),
    text('Requestor', (object) => object.spec.username ?? ''),
    text('RequestedDuration', ({ spec }) =>
      spec.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds * 1000),
    ),
    text('Condition', condition),
  ],
  selectableFields: { 'spec.signerName': (object) => object.spec.signerName },
});
