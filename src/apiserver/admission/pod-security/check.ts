import type { Pod, PodSpec } from '../../../api/types/core-v1.gen.ts';

/** What checks look at: a pod, or what a template would make of one. */
export interface PodLike {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
}

/** Why a pod does not pass. */
export interface Finding {
  /** As short as it can be: all that is said of pods when there are many of them. */
  readonly reason: string;
  /** Who does it and with what value. */
  readonly detail: string;
}

/** Says what is wrong with a pod; undefined when it passes. */
export type CheckPod = (pod: PodLike) => Finding | undefined;

/** A check as it holds from one minor version of the standards to the next it has. */
export interface VersionedCheck {
  /** The minor version (of 1.x) it holds from. */
  readonly since: number;
  readonly check: CheckPod;
  /** Baseline checks that it makes superfluous at the level `restricted`. */
  readonly overrides?: readonly string[];
}

/** One control of the Pod Security Standards. */
export interface Check {
  readonly id: string;
  /** The loosest level it belongs to: what baseline asks for, restricted asks for, too. */
  readonly level: 'baseline' | 'restricted';
  /** Oldest first. */
  readonly versions: readonly VersionedCheck[];
}

/** A pod as checks look at it; undefined for one without a spec. */
export const podLike = (pod: Pod): PodLike | undefined => (pod.spec ? (pod as Pod & { spec: PodSpec }) : undefined);
