import { podGroups } from '../../api/kinds.gen.ts';
import { type ServedApis, servedApis } from '../../api/served-apis.ts';
import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { Store } from '../../store/store.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import type { AdmissionPlugin } from './admission.ts';
import { certificateApproval } from './certificate-approval.ts';
import { certificateSigning } from './certificate-signing.ts';
import { certificateSubjectRestriction } from './certificate-subject-restriction.ts';
import { claimResize } from './claim-resize.ts';
import { clusterTrustBundleAttest } from './cluster-trust-bundle-attest.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { defaultTolerations } from './default-tolerations.ts';
import { limitRanger } from './limit-ranger/plugin.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { noSchedulingGroups } from './no-scheduling-groups.ts';
import { nodeTaints } from './node-taints.ts';
import { podCertificateSigning } from './pod-certificate-signing.ts';
import { podPreset, podPresets } from './pod-preset.ts';
import { podSecurity } from './pod-security/plugin.ts';
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

/**
 * Every admission plugin in upstream's order (kube-apiserver `options/plugins.go`). Places of those that are not built yet
 * are named, so that they are put where upstream has them.
 */
export function admissionOrder(
  store: Store,
  clock: Clock,
  ids: Ids,
  authorizer: Authorizer,
  webhooks: WebhookParts,
  policies: AdmissionPolicies,
  apis: ServedApis = servedApis(),
): readonly AdmissionPlugin[] {
  return [
    // Around all others, as upstream wraps them.
    terminatingDefinition,
    // First, so that nothing is worked out for a namespace that is not there.
    namespaceLifecycle(store),
    ...(apis.serves(podPresets) ? [podPreset(store)] : []),
    limitRanger(store),
    serviceAccount(store, ids),
    // NodeRestriction is not built; its place is here.
    nodeTaints,
    // AlwaysPullImages is not built; its place is here.
    podSecurity(store, clock),
    // PodNodeSelector is not built; its place is here.
    priority(store),
    ...(apis.serves(podGroups) ? [] : [noSchedulingGroups]),
    defaultTolerations,
    defaultStorageClass(store),
    storageProtection,
    claimResize(store),
    runtimeClass(store),
    certificateApproval(authorizer),
    certificateSigning(authorizer),
    podCertificateSigning(authorizer),
    clusterTrustBundleAttest(authorizer),
    certificateSubjectRestriction,
    defaultIngressClass(store),
    podTopologyLabels(store),
    policies.mutating,
    mutatingWebhooks(webhooks),
    policies.validating,
    validatingWebhooks(webhooks),
    // After all that mutate: it looks at the rules that will be stored.
    rbacEscalation(store, authorizer),
    // Last, so that only what everybody else has admitted is counted.
    resourceQuota(store, clock),
  ];
}
