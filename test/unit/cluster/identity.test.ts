import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { SystemClock } from '../../../src/base/clock.ts';
import { SystemIds } from '../../../src/base/ids.ts';
import { loadIdentity } from '../../../src/cluster/identity.ts';

const folder = mkdtempSync(join(tmpdir(), 'krill-identity-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the identity of a cluster', () => {
  test('is the same for all who make it at once, and leaves no drafts', async () => {
    const all = await Promise.all(
      Array.from({ length: 4 }, () => loadIdentity(folder, new SystemClock(), new SystemIds())),
    );
    expect(new Set(all.map(({ admin }) => admin.keyPem)).size).toBe(1);
    const later = await loadIdentity(folder, new SystemClock(), new SystemIds());
    expect(later.serving).toEqual(all[0]!.serving);
    expect(readdirSync(folder)).toEqual(['identity.json']);
  });
});
