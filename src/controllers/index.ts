import { apiServerIdentityController } from './apiserver-identity/controller.ts';
import { apiServerLeaseGarbageCollector } from './apiserver-lease-gc/controller.ts';
import { attachDetachController } from './attach-detach/controller.ts';
import { bootstrapSignerController } from './bootstrap-signer/controller.ts';
import { clusterIpRepair } from './cluster-ip-repair/controller.ts';
import { clusterTrustBundlePublisher } from './cluster-trust-bundle-publisher/controller.ts';
import { clusterRoleAggregationController } from './clusterrole-aggregation/controller.ts';
import type { ControllerDescriptor } from './controller.ts';
import { cronJobController } from './cronjob/controller.ts';
import { csrApprovingController } from './csr-approving/controller.ts';
import { csrCleanerController } from './csr-cleaner/controller.ts';
import { csrSigningController } from './csr-signing/controller.ts';
import { daemonSetController } from './daemonset/controller.ts';
import { deploymentController } from './deployment/controller.ts';
import { deviceTaintEvictionController } from './device-taint-eviction/controller.ts';
import { disruptionController } from './disruption/controller.ts';
import { endpointsController } from './endpoints/controller.ts';
import { endpointSliceController } from './endpointslice/controller.ts';
import { endpointSliceMirroringController } from './endpointslice-mirroring/controller.ts';
import { ephemeralVolumeController } from './ephemeral-volume/controller.ts';
import { garbageCollector } from './gc/controller.ts';
import { horizontalPodAutoscalerController } from './horizontalpodautoscaler/controller.ts';
import { jobController } from './job/controller.ts';
import { legacyServiceAccountTokenCleaner } from './legacy-serviceaccount-token-cleaner/controller.ts';
import { localPathProvisioner } from './local-path/controller.ts';
import { namespaceController } from './namespace/controller.ts';
import { nodeIpamController } from './node-ipam/controller.ts';
import { nodeLifecycleController } from './node-lifecycle/controller.ts';
import { persistentVolumeBinder } from './persistent-volume-binder/controller.ts';
import { persistentVolumeClaimProtection } from './persistent-volume-claim-protection/controller.ts';
import { persistentVolumeExpander } from './persistent-volume-expander/controller.ts';
import { persistentVolumeProtection } from './persistent-volume-protection/controller.ts';
import { podCertificateRequestCleaner } from './pod-certificate-request-cleaner/controller.ts';
import { podGarbageCollector } from './pod-gc/controller.ts';
import { podGroupProtection } from './podgroup-protection/controller.ts';
import { replicaSetController } from './replicaset/controller.ts';
import { replicationController } from './replicationcontroller/controller.ts';
import { resourceClaimController } from './resource-claim/controller.ts';
import { resourcePoolStatusRequestController } from './resource-pool-status-request/controller.ts';
import { resourceQuotaController } from './resource-quota/controller.ts';
import { rootCaController } from './root-ca/controller.ts';
import { seLinuxWarningController } from './selinux-warning/controller.ts';
import { serviceCidrController } from './service-cidr/controller.ts';
import { serviceAccountController } from './serviceaccount/controller.ts';
import { serviceAccountTokenController } from './serviceaccount-token/controller.ts';
import { statefulSetController } from './statefulset/controller.ts';
import { storageVersionMigrator } from './storage-version-migrator/controller.ts';
import { storageVersionUpdater } from './storage-version-updater/controller.ts';
import { storageVersionGarbageCollector } from './storageversion-gc/controller.ts';
import { taintEvictionController } from './taint-eviction/controller.ts';
import { tokenCleanerController } from './token-cleaner/controller.ts';
import { ttlController } from './ttl/controller.ts';
import { ttlAfterFinishedController } from './ttl-after-finished/controller.ts';
import { validatingAdmissionPolicyStatusController } from './validatingadmissionpolicy-status/controller.ts';
import { volumeAttributesClassProtection } from './volume-attributes-class-protection/controller.ts';

/** Every controller, in the order in which they start: what pods and nodes wait for comes first. */
export const controllers: readonly ControllerDescriptor[] = [
  serviceAccountController,
  serviceAccountTokenController,
  rootCaController,
  nodeIpamController,
  nodeLifecycleController,
  serviceCidrController,
  clusterIpRepair,
  replicaSetController,
  replicationController,
  deploymentController,
  statefulSetController,
  daemonSetController,
  disruptionController,
  jobController,
  cronJobController,
  horizontalPodAutoscalerController,
  endpointSliceController,
  endpointsController,
  endpointSliceMirroringController,
  ephemeralVolumeController,
  persistentVolumeBinder,
  localPathProvisioner,
  persistentVolumeExpander,
  attachDetachController,
  persistentVolumeClaimProtection,
  persistentVolumeProtection,
  volumeAttributesClassProtection,
  namespaceController,
  resourceQuotaController,
  clusterRoleAggregationController,
  resourceClaimController,
  taintEvictionController,
  deviceTaintEvictionController,
  podGarbageCollector,
  ttlController,
  ttlAfterFinishedController,
  bootstrapSignerController,
  tokenCleanerController,
  legacyServiceAccountTokenCleaner,
  csrApprovingController,
  csrSigningController,
  csrCleanerController,
  validatingAdmissionPolicyStatusController,
  seLinuxWarningController,
  apiServerIdentityController,
  apiServerLeaseGarbageCollector,
  storageVersionUpdater,
  storageVersionGarbageCollector,
  storageVersionMigrator,
  clusterTrustBundlePublisher,
  podCertificateRequestCleaner,
  resourcePoolStatusRequestController,
  podGroupProtection,
  garbageCollector,
];
