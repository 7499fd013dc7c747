import type { AdmissionRequest } from '../admission.ts';

/** Kinds that no webhook and no policy is asked about, so that nobody locks themselves out. Source: `predicates/rules`. */
const configurations: ReadonlySet<string> = new Set([
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
]);

/** Whether a write is of a webhook configuration, a policy or a binding of one. */
export const isConfiguration = ({ served }: AdmissionRequest): boolean =>
  served.group === 'admissionregistration.k8s.io' && configurations.has(served.resource);

/** What is asked and never stored: policies are not asked about it. Source: kube-apiserver `admission/exclusion`. */
const reviews: ReadonlySet<string> = new Set([
  'tokenreviews.authentication.k8s.io',
  'selfsubjectreviews.authentication.k8s.io',
  'localsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectrulesreviews.authorization.k8s.io',
  'subjectaccessreviews.authorization.k8s.io',
]);

/** Whether a write is a question about identity or access. */
export const isReview = ({ served }: AdmissionRequest): boolean => reviews.has(served.qualified);
