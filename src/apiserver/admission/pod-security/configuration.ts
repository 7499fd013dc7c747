import { freePolicy, type Policy } from './policy.ts';

/** What holds for all namespaces. Source: pod-security-admission `admission/api`, PodSecurityConfiguration. */
export interface PodSecurityConfiguration {
  /** For namespaces whose labels say nothing. */
  readonly defaults: Policy;
  /** Who nothing is asked of. */
  readonly exemptions: {
    readonly usernames: ReadonlySet<string>;
    readonly namespaces: ReadonlySet<string>;
    readonly runtimeClasses: ReadonlySet<string>;
  };
}

/** Where nobody configures anything: nothing is asked for, and nobody exempt. */
export const noConfiguration: PodSecurityConfiguration = {
  defaults: freePolicy,
  exemptions: { usernames: new Set(), namespaces: new Set(), runtimeClasses: new Set() },
};
