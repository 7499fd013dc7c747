/**
 * Types of component configuration, which users write in files and no API serves. In the notation of `facts.ts`; by hand,
 * because they are in none of the packages the generator reads. Source: k8s.io/kube-scheduler `config/v1`,
 * k8s.io/component-base `config/v1alpha1`.
 */
export const componentPackages = {
  'component/v1alpha1': {
    model: '',
    types: {
      LeaderElectionConfiguration:
        ';leaderElect:*bool 0;leaseDuration:meta/v1.Duration 0;renewDeadline:meta/v1.Duration 0;retryPeriod:meta/v1.Duration 0;resourceLock:string 0;resourceName:string 0;resourceNamespace:string 0',
      ClientConnectionConfiguration:
        ';kubeconfig:string 0;acceptContentTypes:string 0;contentType:string 0;qps:float32 0;burst:int32 0',
      DebuggingConfiguration: ';enableProfiling?:*bool 0 o;enableContentionProfiling?:*bool 0 o',
    },
  },
  'kubescheduler/v1': {
    group: 'kubescheduler.config.k8s.io',
    version: 'v1',
    model: '',
    types: {
      KubeSchedulerConfiguration:
        'K;TypeMeta:meta/v1.TypeMeta 0 i;parallelism?:*int32 0 o;leaderElection:component/v1alpha1.LeaderElectionConfiguration 0;clientConnection:component/v1alpha1.ClientConnectionConfiguration 0;DebuggingConfiguration:component/v1alpha1.DebuggingConfiguration 0 i;percentageOfNodesToScore?:*int32 0 o;podInitialBackoffSeconds?:*int64 0 o;podMaxBackoffSeconds?:*int64 0 o;profiles?:[]KubeSchedulerProfile 0 o;extenders?:[]Extender 0 o;delayCacheUntilActive?:bool 0 o',
      KubeSchedulerProfile:
        ';schedulerName?:*string 0 o;percentageOfNodesToScore?:*int32 0 o;plugins?:*Plugins 0 o;pluginConfig?:[]PluginConfig 0 o',
      Plugins:
        ';preEnqueue?:PluginSet 0 o;queueSort?:PluginSet 0 o;preFilter?:PluginSet 0 o;filter?:PluginSet 0 o;postFilter?:PluginSet 0 o;preScore?:PluginSet 0 o;score?:PluginSet 0 o;reserve?:PluginSet 0 o;permit?:PluginSet 0 o;preBind?:PluginSet 0 o;bind?:PluginSet 0 o;postBind?:PluginSet 0 o;multiPoint?:PluginSet 0 o',
      PluginSet: ';enabled?:[]Plugin 0 o;disabled?:[]Plugin 0 o',
      Plugin: ';name:string 0;weight?:*int32 0 o',
      PluginConfig: ';name:string 0;args?:runtime.RawExtension 0 o',
      Extender:
        ';urlPrefix:string 0;filterVerb?:string 0 o;preemptVerb?:string 0 o;prioritizeVerb?:string 0 o;weight?:int64 0 o;bindVerb?:string 0 o;enableHTTPS?:bool 0 o;tlsConfig?:*ExtenderTLSConfig 0 o;httpTimeout?:meta/v1.Duration 0 o;nodeCacheCapable?:bool 0 o;managedResources?:[]ExtenderManagedResource 0 o;ignorable?:bool 0 o',
      ExtenderManagedResource: ';name:string 0;ignoredByScheduler?:bool 0 o',
      ExtenderTLSConfig:
        ';insecure?:bool 0 o;serverName?:string 0 o;certFile?:string 0 o;keyFile?:string 0 o;caFile?:string 0 o;certData?:[]byte 0 o;keyData?:[]byte 0 o;caData?:[]byte 0 o',
      DefaultPreemptionArgs:
        ';TypeMeta:meta/v1.TypeMeta 0 i;minCandidateNodesPercentage?:*int32 0 o;minCandidateNodesAbsolute?:*int32 0 o',
      InterPodAffinityArgs:
        ';TypeMeta:meta/v1.TypeMeta 0 i;hardPodAffinityWeight?:*int32 0 o;ignorePreferredTermsOfExistingPods:bool 0',
      NodeAffinityArgs: ';TypeMeta:meta/v1.TypeMeta 0 i;addedAffinity?:*core/v1.NodeAffinity 0 o',
      NodeResourcesBalancedAllocationArgs: ';TypeMeta:meta/v1.TypeMeta 0 i;resources?:[]ResourceSpec 0 o',
      NodeResourcesFitArgs:
        ';TypeMeta:meta/v1.TypeMeta 0 i;ignoredResources?:[]string 0 o;ignoredResourceGroups?:[]string 0 o;scoringStrategy?:*ScoringStrategy 0 o',
      ScoringStrategy:
        ';type?:string 0 o;resources?:[]ResourceSpec 0 o;requestedToCapacityRatio?:*RequestedToCapacityRatioParam 0 o',
      RequestedToCapacityRatioParam: ';shape?:[]UtilizationShapePoint 0 o',
      UtilizationShapePoint: ';utilization:int32 0;score:int32 0',
      ResourceSpec: ';name:string 0;weight?:int64 0 o',
      PodTopologySpreadArgs:
        ';TypeMeta:meta/v1.TypeMeta 0 i;defaultConstraints?:[]core/v1.TopologySpreadConstraint 0 o;defaultingType?:string 0 o',
      VolumeBindingArgs:
        ';TypeMeta:meta/v1.TypeMeta 0 i;bindTimeoutSeconds?:*int64 0 o;shape?:[]UtilizationShapePoint 0 o',
      DynamicResourcesArgs:
        ';TypeMeta:meta/v1.TypeMeta 0 i;filterTimeout?:*meta/v1.Duration 0;bindingTimeout?:*meta/v1.Duration 0 o',
    },
  },
} as const;
