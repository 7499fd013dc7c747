import { podGroups } from '../../api/kinds.gen.ts';
import type { ServedApis } from '../../api/served-apis.ts';
import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { Transport } from '../../client/call.ts';
import type { Store } from '../../store/store.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import type { ServedTable } from '../registry/served.ts';
import type { AdmissionPlugin } from './admission.ts';
import { alwaysAdmit } from './always-admit.ts';
import { alwaysDeny } from './always-deny.ts';
import { alwaysPullImages } from './always-pull-images.ts';
import { antiAffinityTopology } from './anti-affinity-topology.ts';
import { certificateApproval } from './certificate-approval.ts';
import { certificateSigning } from './certificate-signing.ts';
import { certificateSubjectRestriction } from './certificate-subject-restriction.ts';
import { claimResize } from './claim-resize.ts';
import { clusterTrustBundleAttest } from './cluster-trust-bundle-attest.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { defaultTolerations } from './default-tolerations.ts';
import { denyServiceExternalIps } from './deny-service-external-ips.ts';
import { eventLimitsOf } from './event-rate-limit/configuration.ts';
import { eventRateLimit } from './event-rate-limit/plugin.ts';
import { extendedResourceToleration } from './extended-resource-toleration.ts';
import { limitRanger } from './limit-ranger/plugin.ts';
import { namespaceAutoProvision } from './namespace-auto-provision.ts';
import { namespaceExists } from './namespace-exists.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { noSchedulingGroups } from './no-scheduling-groups.ts';
import { nodeRestriction } from './node-restriction/plugin.ts';
import { nodeTaints } from './node-taints.ts';
import { ownerReferences } from './owner-references.ts';
import { type AdmissionChoice, isPluginOn } from './plugin-names.ts';
import { podCertificateSigning } from './pod-certificate-signing.ts';
import { podGroupWorkload } from './pod-group-workload.ts';
import { nodeSelectorsOf } from './pod-node-selector/configuration.ts';
import { podNodeSelector } from './pod-node-selector/plugin.ts';
import { podPreset, podPresets } from './pod-preset.ts';
import { podResize } from './pod-resize.ts';
import { podSecurityOf } from './pod-security/configuration.ts';
import type { PodSecurityMetrics } from './pod-security/metrics.ts';
import { podSecurity } from './pod-security/plugin.ts';
import { clusterTolerationsOf } from './pod-toleration-restriction/configuration.ts';
import { podTolerationRestriction } from './pod-toleration-restriction/plugin.ts';
import { podTopologyLabels } from './pod-topology-labels.ts';
import type { AdmissionPolicies } from './policy/policies.ts';
import { priority } from './priority.ts';
import { rbacEscalation } from './rbac-escalation.ts';
import { resourceQuota } from './resource-quota/plugin.ts';
import { runtimeClass } from './runtime-class/plugin.ts';
import { serviceAccount } from './service-account.ts';
import { storageProtection } from './storage-protection.ts';
import { terminatingDefinition } from './terminating-definition.ts';
import { mutatingWebhooks } from './webhooks/mutating.ts';
import { validatingWebhooks } from './webhooks/validating.ts';
import type { WebhookParts } from './webhooks/webhook-parts.ts';

/** What some plugins need besides. */
export interface PluginParts {
  /** Which plugins are on; the default ones unless given. */
  readonly choice?: AdmissionChoice | undefined;
  readonly apis: ServedApis;
  readonly served: ServedTable;
  readonly webhooks: WebhookParts;
  readonly policies: AdmissionPolicies;
  readonly podSecurityMetrics: PodSecurityMetrics;
  /** The server's own calls, once it takes any. */
  readonly transport: () => Transport;
}

/**
 * Every admission plugin that is on, in upstream's order (kube-apiserver `options/plugins.go`).
 */
export function admissionOrder(
  store: Store,
  clock: Clock,
  ids: Ids,
  authorizer: Authorizer,
  { apis, choice = {}, served, transport, webhooks, policies, podSecurityMetrics }: PluginParts,
): readonly AdmissionPlugin[] {
  const configured = <T>(name: string, read: (value: unknown) => T): T | undefined => {
    const value = choice.configuration?.[name];
    return value === undefined ? undefined : read(value);
  };
  const order = [
    // Around all others, as upstream wraps them.
    terminatingDefinition,
    alwaysAdmit,
    namespaceAutoProvision(store, transport),
    // First, so that nothing is worked out for a namespace that is not there.
    namespaceLifecycle(store),
    namespaceExists(store),
    antiAffinityTopology,
    ...(apis.serves(podPresets) ? [podPreset(store)] : []),
    limitRanger(store),
    serviceAccount(store, ids),
    nodeRestriction(store, authorizer),
    nodeTaints,
    alwaysPullImages,
    podSecurity(store, clock, podSecurityMetrics, configured('PodSecurity', podSecurityOf)),
    podNodeSelector(store, configured('PodNodeSelector', nodeSelectorsOf)),
    priority(store),
    ...(apis.serves(podGroups) ? [] : [noSchedulingGroups]),
    defaultTolerations,
    podTolerationRestriction(store, configured('PodTolerationRestriction', clusterTolerationsOf)),
    eventRateLimit(clock, configured('EventRateLimit', eventLimitsOf) ?? []),
    extendedResourceToleration,
    defaultStorageClass(store),
    storageProtection,
    ownerReferences(authorizer, served),
    claimResize(store),
    runtimeClass(store),
    certificateApproval(authorizer),
    certificateSigning(authorizer),
    podCertificateSigning(authorizer),
    clusterTrustBundleAttest(authorizer),
    certificateSubjectRestriction,
    defaultIngressClass(store),
    denyServiceExternalIps,
    podTopologyLabels(store),
    ...(apis.serves(podGroups) ? [podGroupWorkload(store)] : []),
    podResize(store),
    policies.mutating,
    mutatingWebhooks(webhooks),
    policies.validating,
    validatingWebhooks(webhooks),
    // After all that mutate: it looks at the rules that will be stored.
    rbacEscalation(store, authorizer),
    // Last, so that only what everybody else has admitted is counted.
    resourceQuota(store, clock),
    alwaysDeny,
  ];
  return order.filter(({ name }) => isPluginOn(name, choice));
}
