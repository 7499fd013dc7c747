import { forbidden, StatusError } from '../../../api/status.ts';
import type { Pod } from '../../../api/types/core-v1.gen.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Store } from '../../../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { type PodLike, podLike } from './check.ts';
import { noConfiguration, type PodSecurityConfiguration } from './configuration.ts';
import { mostTime } from './existing-pods.ts';
import { checkNamespace, type Existing } from './namespace-labels.ts';
import { templateOf, templateResources } from './pod-templates.ts';
import { isFree, type LevelVersion, levelText, type Policy, policyOf } from './policy.ts';
import { isSignificantUpdate } from './significant-update.ts';
import { detailsOf, violations } from './standards.ts';

/** Parts of pods with nothing in them to check. Others, also those that are not known yet, are pods. */
const ignoredSubresources: ReadonlySet<string> = new Set([
  'exec',
  'attach',
  'binding',
  'eviction',
  'log',
  'portforward',
  'proxy',
  'status',
]);

/**
 * Holds pods to the Pod Security Standards that their namespace's labels ask for, and warns of templates that would not
 * be. What is to be audited goes nowhere, as there is no audit log. Source: pod-security-admission `admission.go`.
 */
export function podSecurity(store: Store, clock: Clock, config = noConfiguration): AdmissionPlugin {
  const existing: Existing = {
    pods: (namespace) => store.list('pods', { namespace }).entries.map(({ object }) => object as unknown as Pod),
    deadline: () => {
      const end = clock.steady() + mostTime;
      return () => clock.steady() >= end;
    },
  };
  return {
    name: 'PodSecurity',
    operations: new Set(['CREATE', 'UPDATE']),
    resources: new Set(['namespaces', 'pods', ...templateResources]),
    validate: (request) => {
      if (request.served.qualified === 'namespaces') checkNamespace(request, config, existing);
      else if (request.served.qualified === 'pods') checkPod(store, request, config);
      else checkTemplate(store, request, config);
    },
  };
}

function checkPod(store: Store, request: AdmissionRequest, config: PodSecurityConfiguration): void {
  const { served, subresource, name, object, old, namespace } = request;
  if (ignoredSubresources.has(subresource) || !object || isExempt(request, config)) return;
  const policy = policyIn(store, namespace, config);
  if (!policy)
    throw new StatusError('InternalError', `Internal error occurred: failed to lookup namespace "${namespace}"`);
  if (isFree(policy)) return;
  const pod = object as unknown as Pod;
  if (old && !isSignificantUpdate(pod, old as unknown as Pod)) return;
  const subject = podLike(pod);
  if (!subject || isExemptClass(subject, config)) return;
  const found = violations(policy.enforce, subject);
  if (found.length > 0)
    throw forbidden(served, name, `violates PodSecurity "${levelText(policy.enforce)}": ${detailsOf(found)}`);
  warnOf(request, policy.warn, subject);
}

function checkTemplate(store: Store, request: AdmissionRequest, config: PodSecurityConfiguration): void {
  const { served, subresource, namespace, object } = request;
  if (subresource || !object || isExempt(request, config)) return;
  const policy = policyIn(store, namespace, config);
  if (!policy || policy.warn.level === 'privileged') return;
  const subject = templateOf(served.qualified, object);
  if (subject && !isExemptClass(subject, config)) warnOf(request, policy.warn, subject);
}

function warnOf({ warn }: AdmissionRequest, level: LevelVersion, pod: PodLike): void {
  const found = violations(level, pod);
  if (found.length > 0) warn(`would violate PodSecurity "${levelText(level)}": ${detailsOf(found)}`);
}

const isExempt = ({ namespace, user }: AdmissionRequest, { exemptions }: PodSecurityConfiguration): boolean =>
  exemptions.namespaces.has(namespace) || exemptions.usernames.has(user.name);

const isExemptClass = ({ spec }: PodLike, { exemptions }: PodSecurityConfiguration): boolean =>
  !!spec.runtimeClassName && exemptions.runtimeClasses.has(spec.runtimeClassName);

function policyIn(store: Store, namespace: string, { defaults }: PodSecurityConfiguration): Policy | undefined {
  const head = store.head({ resource: 'namespaces', namespace: '', name: namespace });
  return head && policyOf(head.object.metadata.labels, defaults).policy;
}
