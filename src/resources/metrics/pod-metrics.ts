import type { PodMetrics } from '../../api/types/metrics-v1beta1.gen.ts';
import { defineResource } from '../resource.ts';
import { usageColumns } from './usage-columns.ts';

export const podMetrics = defineResource<PodMetrics>({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  resource: 'pods',
  kind: 'PodMetrics',
  columns: usageColumns(({ containers = [] }) => containers.map(({ usage }) => usage)),
});
