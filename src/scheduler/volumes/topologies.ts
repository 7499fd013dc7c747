import type { PersistentVolume } from '../../api/types/core-v1.gen.ts';

/** Where a volume says it is, by the labels it may say it with, each with the name the label has now. */
export const stableName: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'topology.kubernetes.io/region',
};
export const topologyLabels = Object.keys(stableName);

/** One label of a volume: the values, any of which the node must have. */
export interface VolumeTopology {
  readonly key: string;
  readonly values: readonly string[];
}

/** What the labels of a volume ask of a node. A label whose text is no list of zones asks for nothing. */
export function topologiesOf({ metadata }: PersistentVolume): VolumeTopology[] {
  return topologyLabels.flatMap((key) => {
    const values = metadata.labels?.[key]?.split('__');
    return !values || values.some((value) => value.trim() === '') ? [] : [{ key, values }];
  });
}
