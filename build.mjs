// Bundles krill into one executable, dist/krill.mjs, and lays its SQLite addon and node image beside it.

import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { build } from 'esbuild';
import { buildNodeImage } from './images/node/build.mjs';
import { buildDescriptions } from './scripts/build-descriptions.ts';

const out = new URL('./dist/', import.meta.url);
const pkg = JSON.parse(await readFile(new URL('./package.json', import.meta.url), 'utf8'));

/**
 * What dockerode reaches for only for ssh:// hosts, BuildKit sessions and build contexts, none of which krill offers: left
 * out, it loads in half the time.
 */
const stubs = {
  name: 'stub-optional-docker-transports',
  setup(b) {
    b.onResolve(
      { filter: /^(ssh2|@grpc\/grpc-js|@grpc\/proto-loader|protobufjs|tar-fs|@balena\/dockerignore)$/ },
      (args) => ({
        path: args.path,
        namespace: 'stub',
      }),
    );
    b.onLoad({ filter: /.*/, namespace: 'stub' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

const fullNames = new Set(builtinModules.map((name) => `node:${name.replace(/^node:/, '')}`));
const identifier = /^[A-Za-z_$][\w$]*$/;

/** What node:http offers of the HTTP client it loads when one of these is read (24 ms): never ours to use. */
const ofFetch = /^(WebSocket|CloseEvent|MessageEvent)$/;

/**
 * Takes Node's own modules without their ESM side: an import statement reads every property of the module. What is not
 * used is left out, so only what is used is read.
 */
const nodeModules = {
  name: 'node-modules-by-property',
  setup(b) {
    b.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' && fullNames.has(path)
        ? { path, namespace: 'builtin', sideEffects: false }
        : { path, external: true },
    );
    b.onLoad({ filter: /.*/, namespace: 'builtin' }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter(
        (name) => name !== 'default' && identifier.test(name) && !(path === 'node:http' && ofFetch.test(name)),
      );
      return {
        loader: 'js',
        contents: [
          `const m = /* @__PURE__ */ process.getBuiltinModule('${path}');`,
          'export default m;',
          ...names.map((name) => `export const ${name} = /* @__PURE__ */ (() => m.${name})();`),
        ].join('\n'),
      };
    });
  },
};

/** Large packages that a start does not need: loaded when something of theirs is first called or constructed. */
const late = /^(yaml|ws)$/;
const latePackages = {
  name: 'late-packages',
  setup(b) {
    b.onResolve({ filter: late }, ({ path, kind, resolveDir }) =>
      kind === 'import-statement' && !resolveDir.includes('node_modules')
        ? { path, namespace: 'late', pluginData: resolveDir, sideEffects: false }
        : undefined,
    );
    b.onLoad({ filter: /.*/, namespace: 'late' }, async ({ path, pluginData: resolveDir }) => {
      const all = Object.entries(await import(path)).filter(([name]) => name !== 'default' && identifier.test(name));
      const functions = all.filter(([, value]) => typeof value === 'function').map(([name]) => name);
      return {
        loader: 'js',
        resolveDir,
        contents: [
          `let m; const load = () => (m ??= require('${path}'));`,
          ...functions.map(
            (name) =>
              `export function ${name}(...a) { const f = load().${name}; return new.target ? new f(...a) : f(...a); }`,
          ),
        ].join('\n'),
      };
    });
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
  // Names stay as they are: stack traces and error names say what the sources say.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [stubs, nodeModules, latePackages],
  loader: { '.gen.json': 'json' },
  define: { KRILL_VERSION: JSON.stringify(pkg.version), KRILL_COMMIT: JSON.stringify(commit()) },
  banner: {
    js: "const __builtin=process.getBuiltinModule,require=__builtin('node:module').createRequire(import.meta.url),__filename=__builtin('node:url').fileURLToPath(import.meta.url),__dirname=__builtin('node:path').dirname(__filename);",
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
