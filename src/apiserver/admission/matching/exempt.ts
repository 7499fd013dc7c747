import type { AdmissionRequest } from '../admission.ts';

const policies = [
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
];

/** Kinds that no policy is asked about, so that nobody locks themselves out. Source: `plugin/policy/generic/plugin.go`. */
const policyKinds: ReadonlySet<string> = new Set(policies);

/** Kinds that no webhook is asked about. Source: `predicates/rules`. */
const configurations: ReadonlySet<string> = new Set([
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  ...policies,
]);

const isOf = (kinds: ReadonlySet<string>, { served }: AdmissionRequest): boolean =>
  served.group === 'admissionregistration.k8s.io' && kinds.has(served.resource);

/** Whether a write is of a webhook configuration, a policy or a binding of one. */
export const isConfiguration = (request: AdmissionRequest): boolean => isOf(configurations, request);

/** Whether a write is of a policy or a binding of one. */
export const isPolicyKind = (request: AdmissionRequest): boolean => isOf(policyKinds, request);

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
