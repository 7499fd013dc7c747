import type { DaemonSet } from '../../api/types/apps-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { revisionLabel } from '../revision-history.ts';

/** By which template a daemon pod was made. */

/** The label by which pods tell the generation of their template, older than the one of the revision. */
const generationLabel = 'pod-template-generation';
const generationAnnotation = 'deprecated.daemonset.template.generation';

/** The template that a set has now: the hash of its revision, and its generation where the set tells it. */
export interface Version {
  readonly hash: string;
  readonly generation: string | undefined;
}

export function versionOf({ metadata }: DaemonSet, hash: string): Version {
  const generation = metadata.annotations?.[generationAnnotation];
  return { hash, generation: generation !== undefined && /^\d+$/.test(generation) ? generation : undefined };
}

/** What the pods of a version say of it. */
export const versionLabels = ({ hash, generation }: Version): Record<string, string> => ({
  ...(generation !== undefined && { [generationLabel]: generation }),
  [revisionLabel]: hash,
});

/** Source: upstream's IsPodUpdated. */
export function isNew({ metadata: { labels } }: Pod, { hash, generation }: Version): boolean {
  return labels?.[revisionLabel] === hash || (generation !== undefined && labels?.[generationLabel] === generation);
}
