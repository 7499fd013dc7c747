import type { Pod, Secret, ServiceAccount } from '../../api/types/core-v1.gen.ts';
import { dayOf, invalidSinceLabel, lastUsedLabel, startOfDay } from '../../resources/core/service-account-token.ts';

/** How long a token may lie unused, and then invalid: --legacy-service-account-token-clean-up-period. */
export const cleanUpPeriod = 365 * 24 * 3600_000;
const oneDay = 24 * 3600_000;

/** What becomes of a Secret: nothing ever, nothing before so many milliseconds, a mark, or its end. */
export type Step =
  | { readonly do: 'keep' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'mark'; readonly day: string }
  | { readonly do: 'remove' };

/** Who still needs the Secret. */
export interface Users {
  /** The account that the Secret is for, if it is the one it names. */
  readonly account: ServiceAccount | undefined;
  /** The pods of its namespace. */
  readonly pods: () => Iterable<Pod>;
}

/**
 * A token that Kubernetes made by itself once (its account lists it) and that nobody has used for a year is marked as no
 * longer valid, and removed after another year. `since` is the day on which noting of uses began.
 * Source: legacy_serviceaccount_token_cleaner.go, evaluateSATokens.
 */
export function planCleanUp(secret: Secret, since: string | undefined, users: Users, now: number): Step {
  const { labels = {}, creationTimestamp, deletionTimestamp, name } = secret.metadata;
  const noted = startOfDay(since);
  const used = startOfDay(labels[lastUsedLabel]);
  if (deletionTimestamp || noted === undefined || (labels[lastUsedLabel] !== undefined && used === undefined))
    return { do: 'keep' };
  // A day counts to its end.
  const unused = Math.max(noted + oneDay, Date.parse(creationTimestamp!), used === undefined ? 0 : used + oneDay);
  if (now < unused + cleanUpPeriod) return { do: 'wait', ms: unused + cleanUpPeriod - now };
  if (!users.account?.secrets?.some((mention) => mention.name === name)) return { do: 'keep' };
  // It may be let go of at any time.
  for (const pod of users.pods()) if (mounts(pod, name!)) return { do: 'wait', ms: oneDay };
  const invalid = startOfDay(labels[invalidSinceLabel]);
  if (invalid === undefined) return { do: 'mark', day: dayOf(now) };
  const end = invalid + oneDay + cleanUpPeriod;
  return now < end ? { do: 'wait', ms: end - now } : { do: 'remove' };
}

/** Whether a pod names the Secret anywhere. Source: api/v1/pod, VisitPodSecretNames. */
export function mounts({ spec }: Pod, secret: string): boolean {
  if (!spec) return false;
  const containers = [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])];
  return (
    (spec.imagePullSecrets ?? []).some(({ name }) => name === secret) ||
    containers.some(
      ({ env = [], envFrom = [] }) =>
        envFrom.some(({ secretRef }) => secretRef?.name === secret) ||
        env.some(({ valueFrom }) => valueFrom?.secretKeyRef?.name === secret),
    ) ||
    (spec.volumes ?? []).some((volume) => secretsOf(volume).includes(secret))
  );
}

type Volume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number];

const secretsOf = (volume: Volume): (string | undefined)[] => [
  volume.secret?.secretName,
  ...(volume.projected?.sources ?? []).map(({ secret }) => secret?.name),
  ...[
    volume.azureFile?.secretName,
    volume.cephfs?.secretRef?.name,
    volume.cinder?.secretRef?.name,
    volume.csi?.nodePublishSecretRef?.name,
    volume.flexVolume?.secretRef?.name,
    volume.iscsi?.secretRef?.name,
    volume.rbd?.secretRef?.name,
    volume.scaleIO?.secretRef?.name,
    volume.storageos?.secretRef?.name,
  ],
];
