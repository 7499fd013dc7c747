// Bundles krill into one executable, dist/krill.mjs, and lays its SQLite addon and node image beside it.

import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { buildNodeImage } from './images/node/build.mjs';
import { buildDescriptions } from './scripts/build-descriptions.ts';

const out = new URL('./dist/', import.meta.url);
const pkg = JSON.parse(await readFile(new URL('./package.json', import.meta.url), 'utf8'));

/** dockerode reaches for ssh2 and grpc only for ssh:// hosts and BuildKit sessions, which krill does not offer. */
const stubs = {
  name: 'stub-optional-docker-transports',
  setup(b) {
    b.onResolve({ filter: /^(ssh2|@grpc\/grpc-js|@grpc\/proto-loader)$/ }, (args) => ({
      path: args.path,
      namespace: 'stub',
    }));
    b.onLoad({ filter: /.*/, namespace: 'stub' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

/** The commit the bundle was built from; "unknown" outside a git checkout. */
function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [stubs],
  loader: { '.gen.json': 'json' },
  define: { KRILL_VERSION: JSON.stringify(pkg.version), KRILL_COMMIT: JSON.stringify(commit()) },
  banner: {
    js: "import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);",
  },
};
await build({
  ...common,
  entryPoints: { krill: 'src/main.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  splitting: true,
  chunkNames: 'chunk-[hash]',
});
// The store's worker is a file of its own, found beside the bundle.
await build({
  ...common,
  entryPoints: { 'store-worker': 'src/store/store-worker.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
});
const bundle = new URL('./krill.mjs', out);
const text = await readFile(bundle, 'utf8');
await writeFile(bundle, `#!/usr/bin/env node\n${text.replace(/^#!.*\n/, '')}`);
await chmod(bundle, 0o755);
await cp(new URL('./node_modules/better-sqlite3/prebuilds', import.meta.url), new URL('./prebuilds', out), {
  recursive: true,
});
buildDescriptions(out);
const missing = await buildNodeImage(new URL('.', out).pathname);
if (missing) process.stderr.write(`build: no node image, so this krill cannot run Docker nodes: ${missing}\n`);
