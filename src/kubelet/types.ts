import type * as CoreV1 from '../api/types/core-v1.gen.ts';

/** The generated core/v1 types as a kubelet reads them: a pod that got this far has a spec. */
export interface Pod extends CoreV1.Pod {
  readonly spec: CoreV1.PodSpec;
}

/** A container status as the kubelet writes it. */
export interface ContainerStatus extends CoreV1.ContainerStatus {
  readonly state: CoreV1.ContainerState;
  readonly lastState: CoreV1.ContainerState;
}

/** An init, app or ephemeral container. */
export type Container = CoreV1.EphemeralContainer;

/** A ConfigMap or a Secret, whose values are base64. */
export type ConfigObject = CoreV1.ConfigMap & Pick<CoreV1.Secret, 'type'>;

export type {
  ConfigMap,
  ContainerPort,
  ContainerRestartRule,
  ContainerState,
  ContainerStateTerminated,
  DownwardAPIVolumeFile,
  EnvVar,
  HTTPGetAction,
  KeyToPath,
  LifecycleHandler,
  Node,
  NodeCondition,
  ObjectFieldSelector,
  PodCondition,
  PodSpec,
  PodStatus,
  Probe,
  ResourceFieldSelector,
  Secret,
  Service,
  Volume,
  VolumeMount,
  VolumeMountStatus,
  VolumeProjection,
} from '../api/types/core-v1.gen.ts';
