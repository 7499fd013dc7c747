import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configMaps, validatingWebhookConfigurations } from '../../../src/api/kinds.gen.ts';
import { configuration, everything } from '../../kit/admission-webhooks.ts';
import { cluster } from '../../kit/cluster.ts';
import type { WebhookServer } from '../../kit/webhook-server.ts';

/** Nobody listens there. */
const nowhere = { url: 'https://127.0.0.1:1', caBundle: '' } as WebhookServer;

test('a cluster starts again though its webhooks refuse everything, and can be mended', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'krill-webhooks-'));
  const object = () => ({ metadata: { name: 'a', namespace: 'default' } });
  try {
    {
      await using c = await cluster({ store: 'file', dataDir });
      const refusal = configuration('Validating', 'all', nowhere, { rules: [everything] });
      await c.client.resource(validatingWebhookConfigurations).create(refusal as never);
    }
    await using c = await cluster({
      store: 'file',
      dataDir,
      first: async (client) => {
        const refused = client.resource(configMaps).create(object());
        await expect(refused).rejects.toThrow('failed calling webhook "all.example.com"');
        await client.resource(validatingWebhookConfigurations).delete({ name: 'all' });
      },
    });
    expect(c.status().nodes).toMatchObject([{ name: 'node-1', ready: true }]);
    await c.client.resource(configMaps).create(object());
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
