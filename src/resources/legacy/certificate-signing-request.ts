import type { Differences } from './old-version.ts';

/** Source: kubernetes `pkg/apis/certificates/v1beta1/defaults.go`. */
export const v1beta1CertificateSigningRequest: Differences = {
  // Source: the options of `pkg/apis/certificates/validation` for requests in v1beta1.
  allows: ({ field, body }) =>
    (field === 'spec.signerName' && body.includes('the legacy signerName is not allowed')) ||
    (/^spec\.usages\[\d+\]$/.test(field) && /^(Unsupported|Duplicate) value/.test(body)),
  defaults: (object) => {
    const spec = (object['spec'] ?? {}) as { signerName?: string; usages?: string[] };
    // Upstream looks into the request for those of kubelets; all others are this signer's.
    spec.signerName ??= 'kubernetes.io/legacy-unknown';
    spec.usages ??= ['digital signature', 'key encipherment'];
    const status = object['status'] as { conditions?: { status?: string }[] } | undefined;
    for (const condition of status?.conditions ?? []) condition.status ||= 'True';
  },
};
