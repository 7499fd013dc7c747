import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Tests start krill and its workers from the sources a hundred times: Node keeps what it made of them. */
const env = { NODE_COMPILE_CACHE: join(tmpdir(), 'krill-test-compiled') };

if (Number(process.versions.node.split('.')[0]) < 22) {
  throw new Error(
    `Node ${process.versions.node} is too old for krill's tests; use npm run, which brings its own (26.10.0)`,
  );
}

/** One project per kind of test: what it may touch decides how it runs. */
export default defineConfig({
  test: {
    projects: [
      // Files of these two share processes, and so load the sources once: twice as fast, and nothing here is global.
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: ['test/kit/load-cel.ts'],
          isolate: false,
          // No test is about time: a busy machine must not fail one.
          testTimeout: 60_000,
          env,
        },
      },
      {
        test: { name: 'structure', include: ['test/structure/**/*.test.ts'], isolate: false, testTimeout: 60_000 },
      },
      { test: { name: 'api', include: ['test/api/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000, env } },
      { test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'], isolate: false, testTimeout: 60_000, env } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
