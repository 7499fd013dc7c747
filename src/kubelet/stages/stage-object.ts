import type { KubeObject } from '../../api/object.ts';
import type { ResourceRef } from '../../api/resource-ref.ts';

/** What has stages here. */
export type StageKind = 'Pod' | 'Node';

/** KWOK's Stage, in the form of its releases and in the newer one with `jq`, `cel` and `steps`. Source: kwok.x-k8s.io/v1alpha1. */
export interface StageObject extends KubeObject {
  readonly spec: {
    readonly resourceRef: { readonly apiGroup?: string; readonly kind: string };
    readonly selector?: {
      readonly matchLabels?: Readonly<Record<string, string>>;
      readonly matchAnnotations?: Readonly<Record<string, string>>;
      readonly matchExpressions?: readonly Expression[];
    };
    readonly weight?: number;
    readonly weightFrom?: ValueFrom;
    readonly delay?: DelaySpec;
    readonly next?: StepSpec & {
      readonly patches?: readonly PatchSpec[];
      readonly statusTemplate?: string;
      readonly statusSubresource?: string;
      readonly statusPatchAs?: object;
    };
    readonly steps?: readonly (StepSpec & { readonly patch?: PatchSpec })[];
    readonly immediateNextStage?: boolean;
  };
  readonly status?: { readonly conditions?: readonly StageCondition[] };
}

export interface StageCondition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

export interface Requirement {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}

export interface Expression extends Requirement {
  readonly jq?: Requirement;
  /** Of CEL. */
  readonly expression?: string;
  readonly cel?: { readonly expression: string };
}

/** Where a value is taken from; the number beside it stands in where there is none. */
export interface ValueFrom {
  readonly expressionFrom?: string;
  readonly jq?: { readonly expression: string };
  readonly cel?: { readonly expression: string };
}

export interface DelaySpec {
  readonly durationMilliseconds?: number;
  readonly durationFrom?: ValueFrom;
  readonly jitterDurationMilliseconds?: number;
  readonly jitterDurationFrom?: ValueFrom;
}

export interface PatchSpec {
  readonly subresource?: string;
  readonly root?: string;
  readonly template?: string;
  readonly type?: 'json' | 'merge' | 'strategic';
  readonly impersonation?: object;
}

export interface StepSpec {
  readonly event?: { readonly type?: string; readonly reason?: string; readonly message?: string };
  readonly finalizers?: FinalizersSpec;
  readonly delete?: boolean;
}

export interface FinalizersSpec {
  readonly add?: readonly { readonly value?: string }[];
  readonly remove?: readonly { readonly value?: string }[];
  readonly empty?: boolean;
}

export const stages: ResourceRef<StageObject> = {
  group: 'kwok.x-k8s.io',
  version: 'v1alpha1',
  resource: 'stages',
  kind: 'Stage',
  namespaced: false,
};
