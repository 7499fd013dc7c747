import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { buildNodeImage } from '../../../images/node/build.mjs';
import { SystemClock } from '../../../src/base/clock.ts';
import { connectEngine } from '../../../src/engine/connect.ts';
import type { Engine } from '../../../src/engine/engine.ts';

const run = promisify(execFile);
const root = new URL('../../..', import.meta.url).pathname;

/**
 * The engine for tests that need a real one; undefined, with a message, where none answers. With
 * KRILL_REQUIRE_DOCKER=1 its absence is a failure instead.
 */
export async function testEngine(): Promise<Engine | undefined> {
  try {
    return await connectEngine(new SystemClock(), AbortSignal.timeout(10_000));
  } catch (error) {
    if (process.env['KRILL_REQUIRE_DOCKER'] === '1') throw error;
    process.stderr.write(`skipped: ${(error as Error).message}\n`);
    return undefined;
  }
}

/** The folder with the node image, built when it is not there yet. */
export async function testAssets(): Promise<string> {
  const folder = `${root}dist`;
  if (!existsSync(`${folder}/node-image.json`)) {
    const problem = await buildNodeImage(folder);
    if (problem) throw new Error(`no node image for the tests: ${problem}`);
  }
  return folder;
}

/** krill-test/web:1, krill-test/web:2 and krill-test/store:1. */
export async function buildTestImages(): Promise<void> {
  await run('sh', [`${root}images/test/build.sh`]);
}
