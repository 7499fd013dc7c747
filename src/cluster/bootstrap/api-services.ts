import type { KubeObject } from '../../api/object.ts';
import type { ServedApis } from '../../api/served-apis.ts';

/** Where a group's versions do not count up from 15. Source: kube-apiserver's and metrics-server's APIServices. */
const versionPriorities: Readonly<Record<string, number>> = { '': 1, 'metrics.k8s.io': 100 };

/** An APIService for each group version of v1.36 that this server serves itself, as kube-apiserver registers them. */
export const localApiServices = ({ groups }: ServedApis): readonly KubeObject[] =>
  groups.flatMap(({ group, priority, versions }) =>
    versions.map(({ version }, i) => ({
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: `${version}.${group}`, labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
      spec: {
        ...(group && { group }),
        version,
        groupPriorityMinimum: priority,
        versionPriority: versionPriorities[group] ?? 15 * (versions.length - i),
      },
    })),
  );
