/** A controller of upstream's kube-controller-manager. */
export interface UpstreamController {
  readonly name: string;
  /** The name it had before Kubernetes v1.28, which is understood still. */
  readonly alias?: string;
  /** Whether `*` leaves it off, as upstream's does. */
  readonly offByDefault?: true;
  /** Why krill does not have it; absent for those that it has. */
  readonly missing?: string;
}

const noCloud = 'krill has no cloud provider';

/** Every controller of kube-controller-manager v1.36, in the order of its NewControllerDescriptors. */
export const upstreamControllers: readonly UpstreamController[] = [
  { name: 'serviceaccount-token-controller', alias: 'serviceaccount-token' },
  { name: 'endpoints-controller', alias: 'endpoint' },
  { name: 'endpointslice-controller', alias: 'endpointslice' },
  { name: 'endpointslice-mirroring-controller', alias: 'endpointslicemirroring' },
  { name: 'replicationcontroller-controller', alias: 'replicationcontroller' },
  { name: 'pod-garbage-collector-controller', alias: 'podgc' },
  { name: 'resourcequota-controller', alias: 'resourcequota' },
  { name: 'namespace-controller', alias: 'namespace' },
  { name: 'serviceaccount-controller', alias: 'serviceaccount' },
  { name: 'garbage-collector-controller', alias: 'garbagecollector' },
  { name: 'daemonset-controller', alias: 'daemonset' },
  { name: 'job-controller', alias: 'job' },
  { name: 'deployment-controller', alias: 'deployment' },
  { name: 'replicaset-controller', alias: 'replicaset' },
  { name: 'horizontal-pod-autoscaler-controller', alias: 'horizontalpodautoscaling' },
  { name: 'disruption-controller', alias: 'disruption' },
  { name: 'statefulset-controller', alias: 'statefulset' },
  { name: 'cronjob-controller', alias: 'cronjob' },
  { name: 'certificatesigningrequest-signing-controller', alias: 'csrsigning' },
  { name: 'certificatesigningrequest-approving-controller', alias: 'csrapproving' },
  { name: 'certificatesigningrequest-cleaner-controller', alias: 'csrcleaner' },
  { name: 'podcertificaterequest-cleaner-controller' },
  { name: 'ttl-controller', alias: 'ttl' },
  { name: 'bootstrap-signer-controller', alias: 'bootstrapsigner', offByDefault: true },
  { name: 'token-cleaner-controller', alias: 'tokencleaner', offByDefault: true },
  { name: 'node-ipam-controller', alias: 'nodeipam' },
  { name: 'node-lifecycle-controller', alias: 'nodelifecycle' },
  { name: 'taint-eviction-controller' },
  { name: 'device-taint-eviction-controller' },
  { name: 'service-lb-controller', alias: 'service', missing: noCloud },
  { name: 'node-route-controller', alias: 'route', missing: noCloud },
  { name: 'cloud-node-lifecycle-controller', alias: 'cloud-node-lifecycle', missing: noCloud },
  { name: 'persistentvolume-binder-controller', alias: 'persistentvolume-binder' },
  { name: 'persistentvolume-attach-detach-controller', alias: 'attachdetach' },
  { name: 'persistentvolume-expander-controller', alias: 'persistentvolume-expander' },
  { name: 'clusterrole-aggregation-controller', alias: 'clusterrole-aggregation' },
  { name: 'persistentvolumeclaim-protection-controller', alias: 'pvc-protection' },
  { name: 'persistentvolume-protection-controller', alias: 'pv-protection' },
  { name: 'podgroup-protection-controller' },
  { name: 'volumeattributesclass-protection-controller' },
  { name: 'ttl-after-finished-controller', alias: 'ttl-after-finished' },
  { name: 'root-ca-certificate-publisher-controller', alias: 'root-ca-cert-publisher' },
  { name: 'kube-apiserver-serving-clustertrustbundle-publisher-controller' },
  { name: 'ephemeral-volume-controller', alias: 'ephemeral-volume' },
  {
    name: 'storageversion-garbage-collector-controller',
    alias: 'storage-version-gc',
  },
  { name: 'resourceclaim-controller', alias: 'resource-claim-controller' },
  { name: 'resourcepoolstatusrequest-controller' },
  {
    name: 'legacy-serviceaccount-token-cleaner-controller',
    alias: 'legacy-service-account-token-cleaner',
  },
  { name: 'validatingadmissionpolicy-status-controller' },
  { name: 'service-cidr-controller' },
  { name: 'storage-version-migrator-controller' },
  { name: 'selinux-warning-controller', offByDefault: true },
];

/** Controllers of krill's own, which a real cluster has from elsewhere. */
export const ownControllers: readonly UpstreamController[] = [{ name: 'local-path-provisioner' }];

/** What upstream runs within kube-apiserver: --controllers does not choose among them, they always run. */
export const serverControllers: readonly string[] = [
  'ipallocator-repair-controller',
  'kube-apiserver-identity-lease-controller',
  'kube-apiserver-identity-lease-garbage-collector',
  'built-in-resources-storage-version-updater',
];

/** What runs unless somebody chooses: all that run by default, and the two that kubeadm switches on besides. */
export const defaultControllers: readonly string[] = ['*', 'bootstrap-signer-controller', 'token-cleaner-controller'];

const byName = new Map<string, UpstreamController>();
for (const controller of [...upstreamControllers, ...ownControllers]) {
  byName.set(controller.name, controller);
  if (controller.alias) byName.set(controller.alias, controller);
}

/**
 * What is wrong with a choice of controllers, an entry each: a name that no controller has, or one to be switched on that
 * krill does not have. Empty when it can be kept.
 */
export function problemsOfChoice(choice: readonly string[]): string[] {
  return choice.flatMap((entry) => {
    if (entry === '*') return [];
    const found = byName.get(entry.replace(/^-/, ''));
    if (!found) return [`"${entry.replace(/^-/, '')}" is not in the list of known controllers`];
    return found.missing && !entry.startsWith('-') ? [`krill has no ${found.name}: ${found.missing}`] : [];
  });
}

/**
 * Whether a controller runs under a choice such as `*`, `foo`, `-foo`: of the entries that name it the first counts, then
 * `*`. Those of the API server always run. Upstream's IsControllerEnabled.
 */
export function isChosen(name: string, choice: readonly string[]): boolean {
  if (serverControllers.includes(name)) return true;
  for (const entry of choice) {
    if (byName.get(entry)?.name === name) return true;
    if (entry.startsWith('-') && byName.get(entry.slice(1))?.name === name) return false;
  }
  return choice.includes('*') && byName.get(name)?.offByDefault !== true;
}
