import { forbidden, internalError } from '../../../api/status.ts';
import type { Pod } from '../../../api/types/core-v1.gen.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Store } from '../../../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { type PodLike, podLike } from './check.ts';
import { noConfiguration, type PodSecurityConfiguration } from './configuration.ts';
import { mostTime } from './existing-pods.ts';
import type { PodSecurityMetrics } from './metrics.ts';
import { checkNamespace, type Existing } from './namespace-labels.ts';
import { templateOf, templateResources } from './pod-templates.ts';
import { isFree, type LevelVersion, levelText, policyOf, type ReadPolicy, sameLevel } from './policy.ts';
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

/** What every part of the plugin works with. */
interface World {
  readonly store: Store;
  readonly config: PodSecurityConfiguration;
  readonly metrics: PodSecurityMetrics;
}

/**
 * Holds pods to the Pod Security Standards that their namespace's labels ask for, and warns of templates that would not
 * be. What is to be audited is counted only, as there is no audit log. Source: pod-security-admission `admission.go`.
 */
export function podSecurity(
  store: Store,
  clock: Clock,
  metrics: PodSecurityMetrics,
  config = noConfiguration,
): AdmissionPlugin {
  const world = { store, config, metrics };
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
      else if (request.served.qualified === 'pods') checkPod(world, request);
      else checkTemplate(world, request);
    },
  };
}

function checkPod(world: World, request: AdmissionRequest): void {
  const { metrics } = world;
  const { subresource, object, old, namespace } = request;
  if (ignoredSubresources.has(subresource) || !object || isExempt(world, request)) return;
  const read = policyIn(world, namespace);
  if (!read) {
    metrics.failed(request, true);
    throw internalError(`failed to lookup namespace "${namespace}"`);
  }
  const { policy, errors } = read;
  if (errors.empty && isFree(policy)) {
    metrics.evaluated(request, 'enforce', policy.enforce, true);
    return;
  }
  const pod = object as unknown as Pod;
  if (old && !isSignificantUpdate(pod, old as unknown as Pod)) return;
  const subject = podLike(pod);
  if (subject) evaluate(world, request, read, subject, true);
}

function checkTemplate(world: World, request: AdmissionRequest): void {
  const { served, subresource, namespace, object } = request;
  if (subresource || !object || isExempt(world, request)) return;
  const read = policyIn(world, namespace);
  if (!read) {
    world.metrics.failed(request, true);
    return;
  }
  const { policy, errors } = read;
  if (errors.empty && policy.warn.level === 'privileged' && policy.audit.level === 'privileged') return;
  const subject = templateOf(served.qualified, object);
  if (subject) evaluate(world, request, read, subject, false);
}

/** Applies a policy: pods are refused by it, templates only spoken of. */
function evaluate(
  { config, metrics }: World,
  request: AdmissionRequest,
  { policy, errors }: ReadPolicy,
  pod: PodLike,
  enforced: boolean,
): void {
  if (isExemptClass(pod, config)) {
    metrics.exempted(request);
    return;
  }
  if (!errors.empty) metrics.failed(request, false);
  const refusals = enforced ? violations(policy.enforce, pod) : [];
  if (enforced) metrics.evaluated(request, 'enforce', policy.enforce, refusals.length === 0);
  const of = (level: LevelVersion) =>
    enforced && sameLevel(level, policy.enforce) ? refusals : violations(level, pod);
  if (of(policy.audit).length > 0) metrics.evaluated(request, 'audit', policy.audit, false);
  const { served, name } = request;
  if (refusals.length > 0)
    throw forbidden(served, name, `violates PodSecurity "${levelText(policy.enforce)}": ${detailsOf(refusals)}`);
  const found = of(policy.warn);
  if (found.length === 0) return;
  metrics.evaluated(request, 'warn', policy.warn, false);
  request.warn(`would violate PodSecurity "${levelText(policy.warn)}": ${detailsOf(found)}`);
}

/** Counts who is. */
function isExempt({ config: { exemptions }, metrics }: World, request: AdmissionRequest): boolean {
  if (!exemptions.namespaces.has(request.namespace) && !exemptions.usernames.has(request.user.name)) return false;
  metrics.exempted(request);
  return true;
}

const isExemptClass = ({ spec }: PodLike, { exemptions }: PodSecurityConfiguration): boolean =>
  !!spec.runtimeClassName && exemptions.runtimeClasses.has(spec.runtimeClassName);

function policyIn({ store, config }: World, namespace: string): ReadPolicy | undefined {
  const head = store.head({ resource: 'namespaces', namespace: '', name: namespace });
  return head && policyOf(head.object.metadata.labels, config.defaults);
}
