import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { generateKey, importPrivateKey, isKeyOf, keyFile, privateKeyPem, publicKeyOf } from '../../../src/pki/keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'krill-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a key survives PEM', () => {
  const key = generateKey();
  expect(importPrivateKey(privateKeyPem(key)).equals(key)).toBe(true);
  expect(isKeyOf(key, publicKeyOf(key))).toBe(true);
  expect(isKeyOf(key, generateKey())).toBe(false);
});

test('a key file is made once, readable by its owner only', async () => {
  const path = join(folder, 'sa.key');
  const key = await keyFile(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect((await keyFile(path)).equals(key)).toBe(true);
});

test('a key file others may read is refused', async () => {
  const path = join(folder, 'open.key');
  await keyFile(path);
  chmodSync(path, 0o644);
  await expect(keyFile(path)).rejects.toThrow(`chmod 600 ${path}`);
});
