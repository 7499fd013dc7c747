/** An admission plugin of upstream's kube-apiserver. */
export interface UpstreamPlugin {
  readonly name: string;
  /** Whether it is on where nobody says anything. */
  readonly byDefault?: true;
  /** Why krill does not have it; absent for those that it has, and for those that work only with a feature that is off. */
  readonly missing?: string;
}

/** Which plugins are on besides the default ones, or off though they are, and how they are configured. */
export interface AdmissionChoice {
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
  /** By the names of plugins, as an AdmissionConfiguration has it. */
  readonly configuration?: Readonly<Record<string, unknown>>;
}

/** Every plugin of kube-apiserver v1.36 in its order. Source: pkg/kubeapiserver/options/plugins.go. */
export const upstreamPlugins: readonly UpstreamPlugin[] = [
  { name: 'AlwaysAdmit' },
  { name: 'NamespaceAutoProvision' },
  { name: 'NamespaceLifecycle', byDefault: true },
  { name: 'NamespaceExists' },
  { name: 'LimitPodHardAntiAffinityTopology' },
  { name: 'LimitRanger', byDefault: true },
  { name: 'ServiceAccount', byDefault: true },
  // Off in kube-apiserver, and on wherever a cluster comes from: kubeadm, kind, k3s.
  { name: 'NodeRestriction', byDefault: true },
  { name: 'TaintNodesByCondition', byDefault: true },
  { name: 'AlwaysPullImages' },
  { name: 'ImagePolicyWebhook', missing: 'no server is asked about images' },
  { name: 'PodSecurity', byDefault: true },
  { name: 'PodNodeSelector' },
  { name: 'Priority', byDefault: true },
  { name: 'DefaultTolerationSeconds', byDefault: true },
  { name: 'PodTolerationRestriction' },
  { name: 'EventRateLimit' },
  { name: 'ExtendedResourceToleration' },
  { name: 'DefaultStorageClass', byDefault: true },
  { name: 'StorageObjectInUseProtection', byDefault: true },
  { name: 'PodGroupProtection', byDefault: true },
  { name: 'OwnerReferencesPermissionEnforcement' },
  { name: 'PersistentVolumeClaimResize', byDefault: true },
  { name: 'RuntimeClass', byDefault: true },
  { name: 'CertificateApproval', byDefault: true },
  { name: 'CertificateSigning', byDefault: true },
  { name: 'ClusterTrustBundleAttest', byDefault: true },
  { name: 'CertificateSubjectRestriction', byDefault: true },
  { name: 'DefaultIngressClass', byDefault: true },
  { name: 'DenyServiceExternalIPs' },
  { name: 'PodTopologyLabels', byDefault: true },
  { name: 'PodGroupWorkloadExists', byDefault: true },
  { name: 'NodeDeclaredFeatureValidator', byDefault: true },
  { name: 'JobValidation', byDefault: true },
  { name: 'PodResizeValidator', byDefault: true },
  { name: 'MutatingAdmissionPolicy', byDefault: true },
  { name: 'MutatingAdmissionWebhook', byDefault: true },
  { name: 'ValidatingAdmissionPolicy', byDefault: true },
  { name: 'ValidatingAdmissionWebhook', byDefault: true },
  { name: 'ResourceQuota', byDefault: true },
  { name: 'AlwaysDeny' },
];

const byName: ReadonlyMap<string, UpstreamPlugin> = new Map(upstreamPlugins.map((plugin) => [plugin.name, plugin]));

/** The names of all plugins, as kube-apiserver prints them. */
export const pluginNames: readonly string[] = [...byName.keys()].sort();

/** What is wrong with a choice of plugins, an entry each; empty when it can be kept. Source: apiserver `server/options/admission.go`. */
export function problemsOfPlugins({ enable = [], disable = [] }: AdmissionChoice): string[] {
  const unknown = (flag: string, names: readonly string[]) =>
    names.filter((name) => !byName.has(name)).map((name) => `${flag} plugin ${JSON.stringify(name)} is unknown`);
  const both = [...new Set(enable)].filter((name) => disable.includes(name)).sort();
  return [
    ...unknown('enable-admission-plugins', enable),
    ...unknown('disable-admission-plugins', disable),
    ...(both.length > 0
      ? [`[${both.join(' ')}] in enable-admission-plugins and disable-admission-plugins overlapped`]
      : []),
    ...enable.flatMap((name) => missing(byName.get(name))),
  ];
}

const missing = (plugin: UpstreamPlugin | undefined): string[] =>
  plugin?.missing ? [`krill has no ${plugin.name}: ${plugin.missing}`] : [];

/** Whether a plugin is on under a choice. What upstream does elsewhere than in a plugin always is. */
export function isPluginOn(name: string, { enable = [], disable = [] }: AdmissionChoice): boolean {
  const plugin = byName.get(name);
  if (!plugin || enable.includes(name)) return true;
  return plugin.byDefault === true && !disable.includes(name);
}
