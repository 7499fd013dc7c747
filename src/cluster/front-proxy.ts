import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import { createAuthority, issueClient, lifetime } from '../pki/certificates.ts';
import { createSecretFile, generateKey, privateKeyPem, readSecretFile } from '../pki/keys.ts';

/** By what the API server proves to the servers behind APIServices that it is the one that names the user. */
export interface FrontProxy {
  /** The authority they check the certificate against; it signs nothing else. */
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** The one name those servers accept. Source: kubeadm's front-proxy client certificate. */
export const frontProxyName = 'front-proxy-client';

const years = 10 * 365;
const fileName = 'front-proxy.json';

/** The authority's own key is thrown away: nobody else can become a front proxy. */
async function create(clock: Clock, ids: Ids): Promise<FrontProxy> {
  const valid = lifetime(clock.wall(), years);
  const authority = await createAuthority('front-proxy-ca', generateKey(), valid, ids);
  const key = generateKey();
  const certPem = await issueClient(authority, { commonName: frontProxyName, organizations: [] }, key, valid, ids);
  return { caPem: authority.certificatePem, certPem, keyPem: privateKeyPem(key) };
}

/**
 * The front proxy of a cluster: read from its data folder, which must be there, or made and written there at its first start,
 * clusters that are older than this file included. Without a folder it lives as long as the process.
 */
export async function loadFrontProxy(dataDir: string | undefined, clock: Clock, ids: Ids): Promise<FrontProxy> {
  if (dataDir === undefined) return create(clock, ids);
  const path = join(dataDir, fileName);
  const text = await readSecretFile(path);
  if (text !== undefined) return JSON.parse(text) as FrontProxy;
  await createSecretFile(path, JSON.stringify(await create(clock, ids)));
  return JSON.parse((await readSecretFile(path))!) as FrontProxy;
}
