import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SystemClock } from '../../../src/base/clock.ts';
import { SystemIds } from '../../../src/base/ids.ts';
import { loadFrontProxy } from '../../../src/cluster/front-proxy.ts';

test('the front proxy of a cluster is one for all who make it at once, and is kept from others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'krill-front-proxy-'));
  try {
    const load = () => loadFrontProxy(folder, new SystemClock(), new SystemIds());
    const [first, ...others] = await Promise.all(Array.from({ length: 4 }, load));
    for (const other of [...others, await load()]) expect(other).toEqual(first);
    expect(readdirSync(folder)).toEqual(['front-proxy.json']);
    expect(statSync(join(folder, 'front-proxy.json')).mode & 0o777).toBe(0o600);
    const [certificate, authority] = [new X509Certificate(first!.certPem), new X509Certificate(first!.caPem)];
    expect(certificate.subject).toBe('CN=front-proxy-client');
    expect(certificate.verify(authority.publicKey)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
