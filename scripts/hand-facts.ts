/**
 * Facts of kinds whose Go sources are in no Debian package, in the notation of `src/api/facts.ts`: the aggregator's own,
 * and those that Kubernetes has removed together with their sources but that old manifests still name.
 */

export interface HandPackage {
  readonly group: string;
  readonly version: string;
  readonly model: string;
  readonly types: Readonly<Record<string, string>>;
}

const typeMeta = 'TypeMeta:meta/v1.TypeMeta 0 i o;metadata?:meta/v1.ObjectMeta 1 o';
const listMeta = 'TypeMeta:meta/v1.TypeMeta 0 i o;metadata?:meta/v1.ListMeta 1 o';

/** A kind with spec and perhaps status, and its list. */
function kind(name: string, head: string, spec: string, status?: string): Record<string, string> {
  const fields = [`spec?:${spec} 2 o`, ...(status ? [`status?:${status} 3 o`] : [])];
  return {
    [name]: `K ${head};${typeMeta};${fields.join(';')}`,
    [`${name}List`]: `K ${head.replace(/^C /, '')};${listMeta};items:[]${name} 2`,
  };
}

const apiregistration: Readonly<Record<string, string>> = {
  ...kind('APIService', 'C i=1.10', 'APIServiceSpec', 'APIServiceStatus'),
  APIServiceCondition:
    ';type:string 1;status:string 2;lastTransitionTime?:meta/v1.Time 3 o;reason?:string 4 o;message?:string 5 o',
  APIServiceSpec:
    ';service?:*ServiceReference 1 o;group?:string 2 o;version?:string 3 o;insecureSkipTLSVerify?:bool 4 o;caBundle?:[]byte 5 o l=atomic;groupPriorityMinimum:int32 7;versionPriority:int32 8',
  APIServiceStatus: ';conditions?:[]APIServiceCondition 1 o l=map:type p=merge k=type',
  ServiceReference: ';namespace?:string 1 o;name?:string 2 o;port?:*int32 3 o',
};

const autoscaler = (head: string) =>
  kind(
    'HorizontalPodAutoscaler',
    `${head} r=autoscaling,v2,HorizontalPodAutoscaler`,
    'HorizontalPodAutoscalerSpec',
    'HorizontalPodAutoscalerStatus',
  );
const autoscalerSpec =
  ';scaleTargetRef:autoscaling/v2.CrossVersionObjectReference 1;minReplicas?:*int32 2 o;maxReplicas:int32 3';
const autoscalerStatus = (metrics: string) =>
  `;observedGeneration?:*int64 1 o;lastScaleTime?:*meta/v1.Time 2 o;currentReplicas:int32 3;desiredReplicas:int32 4;currentMetrics:[]${metrics} 5;conditions:[]autoscaling/v2.HorizontalPodAutoscalerCondition 6`;

export const handFacts: Readonly<Record<string, HandPackage>> = {
  'apiregistration/v1': {
    group: 'apiregistration.k8s.io',
    version: 'v1',
    model: 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1',
    types: apiregistration,
  },
  'apiregistration/v1beta1': {
    group: 'apiregistration.k8s.io',
    version: 'v1beta1',
    model: 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1beta1',
    types: kind(
      'APIService',
      'C i=1.7 d=1.19 x=1.22 r=apiregistration.k8s.io,v1,APIService',
      'apiregistration/v1.APIServiceSpec',
      'apiregistration/v1.APIServiceStatus',
    ),
  },
  // Metrics in the flat form that autoscaling/v1 keeps in annotations.
  'autoscaling/v2beta1': {
    group: 'autoscaling',
    version: 'v2beta1',
    model: 'io.k8s.api.autoscaling.v2beta1',
    types: {
      ...autoscaler('i=1.8 d=1.22 x=1.25'),
      HorizontalPodAutoscalerSpec: `${autoscalerSpec};metrics?:[]autoscaling/v1.MetricSpec 4 o`,
      HorizontalPodAutoscalerStatus: autoscalerStatus('autoscaling/v1.MetricStatus'),
    },
  },
  'autoscaling/v2beta2': {
    group: 'autoscaling',
    version: 'v2beta2',
    model: 'io.k8s.api.autoscaling.v2beta2',
    types: {
      ...autoscaler('i=1.12 d=1.23 x=1.26'),
      HPAScalingRules:
        ';stabilizationWindowSeconds?:*int32 3 o;selectPolicy?:*autoscaling/v2.ScalingPolicySelect 1 o;policies?:[]autoscaling/v2.HPAScalingPolicy 2 o',
      HorizontalPodAutoscalerBehavior: ';scaleUp?:*HPAScalingRules 1 o;scaleDown?:*HPAScalingRules 2 o',
      HorizontalPodAutoscalerSpec: `${autoscalerSpec};metrics?:[]autoscaling/v2.MetricSpec 4 o;behavior?:*HorizontalPodAutoscalerBehavior 5 o`,
      HorizontalPodAutoscalerStatus: autoscalerStatus('autoscaling/v2.MetricStatus'),
    },
  },
  'batch/v2alpha1': {
    group: 'batch',
    version: 'v2alpha1',
    model: 'io.k8s.api.batch.v2alpha1',
    types: {
      ...kind('CronJob', 'i=1.5 d=1.8 x=1.21 r=batch,v1,CronJob', 'CronJobSpec', 'CronJobStatus'),
      CronJobSpec:
        ';schedule:string 1;startingDeadlineSeconds?:*int64 2 o;concurrencyPolicy?:string 3 o;suspend?:*bool 4 o;jobTemplate:JobTemplateSpec 5;successfulJobsHistoryLimit?:*int32 6 o;failedJobsHistoryLimit?:*int32 7 o',
      CronJobStatus: ';active?:[]core/v1.ObjectReference 1 o l=atomic;lastScheduleTime?:*meta/v1.Time 4 o',
      JobTemplateSpec: ';metadata?:meta/v1.ObjectMeta 1 o;spec?:batch/v1.JobSpec 2 o',
    },
  },
  'settings/v1alpha1': {
    group: 'settings.k8s.io',
    version: 'v1alpha1',
    model: 'io.k8s.api.settings.v1alpha1',
    types: {
      ...kind('PodPreset', 'i=1.6 d=1.20 x=1.20', 'PodPresetSpec'),
      PodPresetSpec:
        ';selector?:meta/v1.LabelSelector 1 o;env?:[]core/v1.EnvVar 2 o;envFrom?:[]core/v1.EnvFromSource 3 o;volumes?:[]core/v1.Volume 4 o;volumeMounts?:[]core/v1.VolumeMount 5 o',
    },
  },
};
