import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Connection, openConnection, StoreUnusable } from './sqlite-file.ts';

/**
 * Makes this process the one owner of a data folder. The operating system holds the lock (SQLite's own file lock on an
 * empty database), so it ends with the process however that ends. Returns what gives it back.
 */
export function lockFolder(folder: string): () => void {
  const owner = join(folder, 'owner');
  let db: Connection | undefined;
  try {
    db = openConnection(join(folder, 'lock'), 0);
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    throw new StoreUnusable(
      `${folder} is in use by another krill (process ${ownerOf(owner)}). Stop that one first, or use another cluster name.`,
    );
  }
  writeFileSync(owner, String(process.pid), { mode: 0o600 });
  const held = db;
  return () => void held.close();
}

function ownerOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Only for the message: whoever has the lock may be writing its name, or going.
    return 'unknown';
  }
}
