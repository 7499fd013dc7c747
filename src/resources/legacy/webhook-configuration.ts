import type { KubeObject, Mutable } from '../../api/object.ts';
import type { MutatingWebhook } from '../../api/types/admissionregistration-v1.gen.ts';
import type { Differences } from './old-version.ts';

/**
 * Webhooks of admissionregistration.k8s.io/v1beta1 are gentler where v1 is strict.
 * Source: kubernetes `pkg/apis/admissionregistration/v1beta1/defaults.go`.
 */
export const v1beta1Webhooks: Differences = {
  // Webhooks that do not say what they do are called, but for dry runs.
  // Their names need not differ.
  allows: ({ field, type }) =>
    /^webhooks\[\d+\]\.sideEffects$/.test(field) ||
    (/^webhooks\[\d+\]\.name$/.test(field) && type === 'FieldValueDuplicate'),
  defaults: (object: Mutable<KubeObject>) => {
    for (const webhook of (object['webhooks'] ?? []) as Mutable<MutatingWebhook>[]) {
      webhook.failurePolicy ??= 'Ignore';
      webhook.matchPolicy ??= 'Exact';
      webhook.sideEffects ??= 'Unknown';
      webhook.timeoutSeconds ??= 30;
      if (!webhook.admissionReviewVersions?.length) webhook.admissionReviewVersions = ['v1beta1'];
    }
  },
};
