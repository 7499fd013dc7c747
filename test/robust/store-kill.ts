// Kills a writing process with SIGKILL again and again on one data folder and checks after each kill that everything
// acknowledged so far is there. `node test/robust/store-kill.ts [RUNS]`; ends with 1 at the first loss.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openFileStore } from '../../src/store/file-store.ts';

const runs = Number(process.argv[2] ?? 200);
const writer = fileURLToPath(new URL('../unit/store/crash-writer.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'krill-kill-'));
const acknowledged = new Map<string, number>();
let total = 0;
let slowest = 0;

/** Lets one writer live for a random while; returns what it was told is durable. */
async function writeAndDie(prefix: string): Promise<string[]> {
  const child = spawn(process.execPath, [writer, folder, prefix], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.on('error', (error) => console.error(error));
  const limit = 500 + Math.random() * 60_000;
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.length > limit) child.kill('SIGKILL');
  }
  return text.split('\n').slice(0, -1);
}

for (let run = 0; run < runs; run++) {
  for (const line of await writeAndDie(`r${run}-`)) {
    const [name, n] = line.split(' ') as [string, string];
    acknowledged.set(name, Number(n));
    total++;
  }
  const begun = performance.now();
  const store = openFileStore({ folder });
  slowest = Math.max(slowest, performance.now() - begun);
  for (const [name, n] of acknowledged) {
    const found = store.get({ resource: 'pods', namespace: 'default', name })?.object['n'] as number | undefined;
    // What its writer never heard of may be durable all the same, what it heard of must be.
    if (found !== undefined && found >= n) continue;
    console.error(`run ${run}: ${name} was acknowledged at ${n}, found ${found}`);
    process.exit(1);
  }
  await store.close();
}
console.log(JSON.stringify({ runs, acknowledged: total, keys: acknowledged.size, lost: 0, slowestOpenMs: slowest }));
rmSync(folder, { recursive: true });
