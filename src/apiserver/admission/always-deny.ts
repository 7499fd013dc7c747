import { forbidden } from '../../api/status.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const deny = ({ served, name }: AdmissionRequest): never => {
  throw forbidden(served, name, 'admission control is denying all modifications');
};

/** Says no to every write, those of the cluster's own parts included. Source: plugin/pkg/admission/deny. */
export const alwaysDeny: AdmissionPlugin = {
  name: 'AlwaysDeny',
  operations: new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
  mutate: deny,
  validate: deny,
};
