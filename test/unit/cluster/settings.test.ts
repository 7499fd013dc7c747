import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ClusterSettings, readSettings, writeSettings } from '../../../src/cluster/settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'krill-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const settings: ClusterSettings = {
  format: 1,
  name: 'dev',
  uid: 'u',
  runtime: 'simulated',
  nodes: 1,
  port: 6443,
  hostReach: { apiPort: 0, dnsPort: 0 },
  subnets: { nodes: '', pods: '10.244.0.0/16', services: '10.96.0.0/16' },
  createdAt: '2026-01-01T00:00:00Z',
};

test('a folder without a cluster has no settings', () => {
  expect(readSettings(folder)).toBeUndefined();
});

test('what was written is read again, and only the owner may read it', async () => {
  await writeSettings(folder, settings);
  expect(readSettings(folder)).toEqual(settings);
  expect(statSync(join(folder, 'cluster.json')).mode & 0o777).toBe(0o600);
});

test('spoilt settings are refused by name', () => {
  writeFileSync(join(folder, 'cluster.json'), '{');
  expect(() => readSettings(folder)).toThrow(/cluster\.json are not JSON/);
});

test('settings of a newer krill are refused and left alone', async () => {
  writeFileSync(join(folder, 'cluster.json'), JSON.stringify({ ...settings, format: 2 }));
  expect(() => readSettings(folder)).toThrow(/newer krill/);
});
