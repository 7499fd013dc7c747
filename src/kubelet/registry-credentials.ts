import { jsonValue } from '../base/json-value.ts';
import type { RegistryCredential } from '../node/runtime.ts';
import type { ConfigObject, Pod } from './types.ts';

interface DockerAuth {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
}

/** What the pod's imagePullSecrets hold. Missing ones are named, not fatal: the image may be public. */
export async function pullCredentials(
  pod: Pod,
  read: (name: string) => Promise<ConfigObject | undefined>,
): Promise<{ credentials: RegistryCredential[]; missing: string[] }> {
  const credentials: RegistryCredential[] = [];
  const missing: string[] = [];
  for (const { name } of pod.spec.imagePullSecrets ?? []) {
    if (!name) continue;
    const secret = await read(name).catch(() => undefined);
    if (secret) credentials.push(...credentialsOf(secret));
    else missing.push(name);
  }
  return { credentials, missing };
}

/** Understands kubernetes.io/dockerconfigjson and the older kubernetes.io/dockercfg. */
export function credentialsOf(secret: ConfigObject): RegistryCredential[] {
  const modern = decode(secret.data?.['.dockerconfigjson']);
  const auths = (modern?.auths ?? decode(secret.data?.['.dockercfg']) ?? {}) as Readonly<Record<string, DockerAuth>>;
  return Object.entries(auths).flatMap(([server, entry]) => {
    const credential = credentialOf(server, entry);
    return credential ? [credential] : [];
  });
}

function credentialOf(server: string, entry: DockerAuth): RegistryCredential | undefined {
  if (entry.username !== undefined) return { server, username: entry.username, password: entry.password ?? '' };
  const text = Buffer.from(entry.auth ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { server, username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decode(base64: string | undefined): Record<string, unknown> | undefined {
  if (!base64) return undefined;
  const value = jsonValue(Buffer.from(base64, 'base64').toString('utf8'));
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}
