import type { NodeMetrics } from '../../api/types/metrics-v1beta1.gen.ts';
import { defineResource } from '../resource.ts';
import { usageColumns } from './usage-columns.ts';

export const nodeMetrics = defineResource<NodeMetrics>({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  resource: 'nodes',
  kind: 'NodeMetrics',
  columns: usageColumns(({ usage = {} }) => [usage]),
});
