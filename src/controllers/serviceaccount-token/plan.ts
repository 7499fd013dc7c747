import type { Secret, ServiceAccount } from '../../api/types/core-v1.gen.ts';
import {
  accountNameAnnotation,
  accountTokenType,
  accountUidAnnotation,
} from '../../resources/core/service-account-token.ts';

/** The account whose token a Secret holds, or is to hold. */
export const accountNameOf = ({ metadata }: Secret): string | undefined =>
  metadata.annotations?.[accountNameAnnotation] || undefined;

/** Whether the Secret is for this account, and not for another of its name. */
export function isFor(secret: Secret, account: ServiceAccount): boolean {
  const uid = secret.metadata.annotations?.[accountUidAnnotation];
  return accountNameOf(secret) === account.metadata?.name && (!uid || uid === account.metadata?.uid);
}

export const isAccountToken = ({ type }: Secret): boolean => type === accountTokenType;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What a Secret lacks; undefined when it has all. Source: tokens_controller.go, secretUpdateNeeded. */
export function missingOf({ data = {}, metadata }: Secret, caPem: string): Missing | undefined {
  const ca = base64(caPem);
  const missing = {
    token: !data['token'],
    data: {
      ...(data['ca.crt'] !== ca && caPem !== '' && { 'ca.crt': ca }),
      ...(!data['namespace'] && { namespace: base64(metadata.namespace!) }),
    },
  };
  return missing.token || Object.keys(missing.data).length > 0 ? missing : undefined;
}

export interface Missing {
  readonly token: boolean;
  readonly data: Readonly<Record<string, string>>;
}

/** The Secret with what it lacked. */
export function filled(secret: Secret, account: ServiceAccount, missing: Missing, token: string | undefined): Secret {
  const { name, uid } = account.metadata!;
  return {
    ...secret,
    metadata: {
      ...secret.metadata,
      annotations: { ...secret.metadata.annotations, [accountNameAnnotation]: name!, [accountUidAnnotation]: uid! },
    },
    data: { ...secret.data, ...missing.data, ...(token !== undefined && { token: base64(token) }) },
  };
}

/** The account without its mention of a Secret; undefined when it has none. */
export function withoutMention(account: ServiceAccount, secret: string): ServiceAccount | undefined {
  const secrets = account.secrets?.filter(({ name }) => name !== secret) ?? [];
  return secrets.length === (account.secrets?.length ?? 0) ? undefined : { ...account, secrets };
}
