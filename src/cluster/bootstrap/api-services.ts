import type { GroupVersionResource, KubeObject } from '../../api/object.ts';
import { builtInVersionPriority, customGroupPriority, customVersionPriority } from '../../api/priorities.ts';
import type { ServedApis } from '../../api/served-apis.ts';
import type { APIService } from '../../api/types/apiregistration-v1.gen.ts';

/** Says whether an APIService is kept from outside its users' hands, and how. Source: kube-aggregator's autoregister controller. */
export const managedLabel = 'kube-aggregator.kubernetes.io/automanaged';

/** `onstart`: put right once, at the start; `true`: whenever it differs; undefined: its users' own. */
export type Managed = 'onstart' | 'true' | undefined;

/** One that says what it is. */
export type LocalApiService = APIService & KubeObject;

type GroupVersion = Pick<GroupVersionResource, 'group' | 'version'>;

/** Registered by metrics-server upstream: it is its users' own, so that a metrics-server they install keeps its place. */
const metricsGroup = 'metrics.k8s.io';

function localApiService(
  { group, version }: GroupVersion,
  managed: Managed,
  groupPriorityMinimum: number,
  versionPriority: number,
): LocalApiService {
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `${version}.${group}`, ...(managed && { labels: { [managedLabel]: managed } }) },
    spec: { ...(group && { group }), version, groupPriorityMinimum, versionPriority },
  };
}

/** An APIService for each group version of v1.36 that this server serves itself, as kube-apiserver registers them. */
export const builtInApiServices = ({ groups }: ServedApis): readonly LocalApiService[] =>
  groups.flatMap(({ group, priority, versions }) =>
    versions.map((gv, i) =>
      localApiService(
        gv,
        group === metricsGroup ? undefined : 'onstart',
        priority,
        builtInVersionPriority(group, versions.length - 1 - i),
      ),
    ),
  );

/** The APIService of a group version of custom resources. Source: kube-aggregator's crd-registration controller. */
export const customApiService = (gv: GroupVersion): LocalApiService =>
  localApiService(gv, 'true', customGroupPriority, customVersionPriority);
