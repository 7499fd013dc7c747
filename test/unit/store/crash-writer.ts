// Writes as fast as it can until it is killed, printing `name n` for every write that was acknowledged.
// Arguments: the data folder, and what the names begin with.
import { openFileStore } from '../../../src/store/file-store.ts';

const prefix = process.argv[3] ?? 'w';
const store = openFileStore({ folder: process.argv[2]! });

async function write(writer: number): Promise<never> {
  for (let n = 0; ; n++) {
    const key = { resource: 'pods', namespace: 'default', name: `${prefix}${writer}-${n % 50}` };
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: key.name }, n, filler: 'x'.repeat(500) };
    const head = store.head(key);
    await (head ? store.update(key, object, head.revision) : store.create(key, object));
    // Synchronous where it is a pipe, so nothing acknowledged is still in here at the end.
    process.stdout.write(`${key.name} ${n}\n`);
  }
}

for (let writer = 0; writer < 8; writer++) void write(writer);
