/** Secrets that hold a token of a service account. Source: k8s.io/api/core/v1 and pkg/serviceaccount. */

export const accountTokenType = 'kubernetes.io/service-account-token';
export const accountNameAnnotation = 'kubernetes.io/service-account.name';
export const accountUidAnnotation = 'kubernetes.io/service-account.uid';

/** The day on which the token was last used. */
export const lastUsedLabel = 'kubernetes.io/legacy-token-last-used';
/** The day since which the token is no longer accepted. */
export const invalidSinceLabel = 'kubernetes.io/legacy-token-invalid-since';

/** The ConfigMap in kube-system that says since when the use of tokens is noted. */
export const tokenTracking = 'kube-apiserver-legacy-service-account-token-tracking';

const day = /^\d{4}-\d\d-\d\d$/;

/** A day in UTC as these labels have it. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** When a day began, in milliseconds; undefined for what is no day. */
export function startOfDay(text: string | undefined): number | undefined {
  const ms = text !== undefined && day.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(ms) || dayOf(ms) !== text ? undefined : ms;
}
