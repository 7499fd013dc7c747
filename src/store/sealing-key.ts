import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { keyLength } from './row-codec.ts';
import { StoreUnusable, syncFolder } from './sqlite-file.ts';

/** The key that seals values in this folder's file, made and made durable at first use. */
export function loadKey(folder: string): Buffer {
  const path = join(folder, 'secrets.key');
  if (!existsSync(path)) {
    if (existsSync(join(folder, 'store.db'))) {
      throw new StoreUnusable(`${path} is missing: without it the Secrets in ${folder} cannot be read. Put it back.`);
    }
    makeKey(folder, path);
  }
  const key = readFileSync(path);
  if (key.length !== keyLength) throw new StoreUnusable(`${path} does not hold a key of ${keyLength} bytes.`);
  return key;
}

function makeKey(folder: string, path: string): void {
  const draft = `${path}.new`;
  const handle = openSync(draft, 'w', 0o600);
  try {
    writeSync(handle, randomBytes(keyLength));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, path);
  syncFolder(folder);
}
