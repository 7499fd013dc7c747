import { forbidden } from '../../api/status.ts';
import type { Service } from '../../api/types/core-v1.gen.ts';
import type { AdmissionPlugin } from './admission.ts';

/** Services take no external IPs that they have not had before. Source: plugin/pkg/admission/network/denyserviceexternalips. */
export const denyServiceExternalIps: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  operations: new Set(['CREATE', 'UPDATE']),
  resources: new Set(['services']),
  validate: ({ subresource, object, old, served, name }) => {
    if (subresource || !object) return;
    const [now, before] = [object, old].map(
      (service) => (service as unknown as Service | undefined)?.spec?.externalIPs,
    );
    if ((now ?? []).every((ip) => before?.includes(ip))) return;
    throw forbidden(served, name, 'Use of external IPs is denied by admission control');
  },
};
