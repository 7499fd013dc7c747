import { configMapKeyErrors } from '../../api/names.ts';
import type { LeaseCandidate } from '../../api/types/coordination-v1beta1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { validateCandidate, validateCandidateUpdate } from './lease-candidate-rules.ts';

export const leaseCandidate = defineResource<LeaseCandidate>({
  group: 'coordination.k8s.io',
  version: 'v1beta1',
  resource: 'leasecandidates',
  kind: 'LeaseCandidate',
  createOnUpdate: true,
  unconditionalUpdate: false,
  validateName: configMapKeyErrors,
  validate: validateCandidate,
  validateUpdate: validateCandidateUpdate,
  columns: [
    nameColumn,
    text('LeaseName', ({ spec }) => spec?.leaseName ?? ''),
    text('BinaryVersion', ({ spec }) => spec?.binaryVersion ?? ''),
    text('EmulationVersion', ({ spec }) => spec?.emulationVersion ?? ''),
    ageColumn,
  ],
});
