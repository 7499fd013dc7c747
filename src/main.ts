import { SystemClock } from './base/clock.ts';
import { SystemIds } from './base/ids.ts';
import { keepCompiledCode } from './cli/compile-cache.ts';
import { outliveReader } from './cli/outlive-reader.ts';

keepCompiledCode(process.env);
const { run } = await import('./cli/run.ts');
process.exitCode = await run(process.argv.slice(2), {
  out: outliveReader(process.stdout),
  err: outliveReader(process.stderr),
  env: process.env,
  clock: new SystemClock(),
  ids: new SystemIds(),
  program: [process.execPath, ...process.execArgv, process.argv[1]!],
  loadStart: () => import('./cluster/start.ts'),
  loadRemove: () => import('./cluster/remove.ts'),
});
