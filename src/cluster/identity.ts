import type { KeyObject } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import { createAuthority, issueClient, issueServing, type KeyedCertificate, lifetime } from '../pki/certificates.ts';
import { createSecretFile, generateKey, importPrivateKey, privateKeyPem, readSecretFile } from '../pki/keys.ts';
import { addressIn, kubernetesOffset, serviceRange } from './layout.ts';

/** Everything by which a cluster proves itself and knows its users. */
export interface ClusterIdentity {
  readonly caPem: string;
  readonly authority: KeyedCertificate;
  readonly serving: { readonly certPem: string; readonly keyPem: string };
  readonly admin: { readonly certPem: string; readonly keyPem: string };
  /** Signs service account tokens. */
  readonly tokenKey: KeyObject;
}

/** The file form: one file, so that a crash leaves a whole identity or none. */
interface IdentityFile {
  readonly ca: string;
  readonly caKey: string;
  readonly serving: string;
  readonly servingKey: string;
  readonly admin: string;
  readonly adminKey: string;
  readonly tokenKey: string;
}

/** The issuer in service account tokens, upstream's default. */
export const tokenIssuer = 'https://kubernetes.default.svc.cluster.local';

const years = 10 * 365;
const fileName = 'identity.json';

/** Names the API server is reached under, besides addresses. */
const dnsNames = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  'host.docker.internal',
];

async function create(clock: Clock, ids: Ids, services: string): Promise<IdentityFile> {
  const valid = lifetime(clock.wall(), years);
  const authority = await createAuthority('kubernetes', generateKey(), valid, ids);
  const [servingKey, adminKey] = [generateKey(), generateKey()];
  const names = {
    commonName: 'kube-apiserver',
    dnsNames,
    ipAddresses: ['127.0.0.1', '::1', addressIn(services, kubernetesOffset)],
  };
  const [serving, admin] = await Promise.all([
    issueServing(authority, names, servingKey, valid, ids),
    issueClient(authority, { commonName: 'kubernetes-admin', organizations: ['system:masters'] }, adminKey, valid, ids),
  ]);
  return {
    ca: authority.certificatePem,
    caKey: privateKeyPem(authority.key),
    serving,
    servingKey: privateKeyPem(servingKey),
    admin,
    adminKey: privateKeyPem(adminKey),
    tokenKey: privateKeyPem(generateKey()),
  };
}

function loaded(file: IdentityFile): ClusterIdentity {
  return {
    caPem: file.ca,
    authority: { certificatePem: file.ca, key: importPrivateKey(file.caKey) },
    serving: { certPem: file.serving, keyPem: file.servingKey },
    admin: { certPem: file.admin, keyPem: file.adminKey },
    tokenKey: importPrivateKey(file.tokenKey),
  };
}

/**
 * The identity of a cluster: read from its data folder, or made and written there on its first start. Without a folder
 * it lives as long as the process. `services` is the range of the Services, whose first address the API server has.
 * Two processes may make it at once: both get the one whose file was there first.
 */
export async function loadIdentity(
  dataDir: string | undefined,
  clock: Clock,
  ids: Ids,
  services: string = serviceRange,
): Promise<ClusterIdentity> {
  if (dataDir === undefined) return loaded(await create(clock, ids, services));
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, fileName);
  const text = await readSecretFile(path);
  if (text !== undefined) return loaded(JSON.parse(text) as IdentityFile);
  await createSecretFile(path, JSON.stringify(await create(clock, ids, services)));
  return loaded(JSON.parse((await readSecretFile(path))!) as IdentityFile);
}
