/**
 * Part of the build: gathers the descriptions of types and fields for `kubectl explain` from the doc comments of
 * @kubernetes/client-node (read as text, never imported) into `dist/descriptions.json.br`. Apache-2.0, (c) The Kubernetes
 * Authors; the notice goes beside it. Nothing of it enters the repository, and krill runs without it.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { groupVersionFacts } from '../src/api/discovery-facts.ts';
import { factPackages, packageOf } from '../src/api/facts.ts';

const models = new URL('../node_modules/@kubernetes/client-node/dist/gen/models/', import.meta.url);

const title = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Files a type may be described in: `CoreV1Event.d.ts` where names clash, else `V1Event.d.ts`. */
const candidates = (pkg: string, local: string): string[] => {
  const [group = '', version = ''] = pkg.split('/');
  return [`${title(group)}${title(version)}${local}`, `${title(version)}${local}`];
};

const textOf = (comment: string) =>
  comment
    .replace(/^\s*\*? ?/gm, '')
    .replace(/\\(['"\\])/g, '$1')
    .trim();

/** Descriptions of one class: "" is the class itself. */
function describe(source: string): Record<string, string> {
  const found: Record<string, string> = {};
  const body = source.slice(source.indexOf('*/') + 2);
  for (const m of body.matchAll(/\/\*\*([\s\S]*?)\*\/\s*(?:export declare class \w+|'([^']+)'\??:)/g)) {
    const text = textOf(m[1]!);
    if (text) found[(m[2] ?? '').replace(/^_(?=[a-z])/, '')] = text;
  }
  return found;
}

/** Writes the asset and its notice; returns how many types it describes. */
export function buildDescriptions(folder: URL): number {
  const packages = new Set([
    'meta/v1',
    'metrics/v1beta1',
    ...groupVersionFacts.map((gv) => packageOf(gv.group, gv.version)!),
  ]);
  const all: Record<string, Record<string, string>> = {};
  for (const pkg of packages) {
    for (const local of factPackages.get(pkg)!.types) {
      const file = candidates(pkg, local)
        .map((name) => new URL(`${name}.d.ts`, models))
        .find((url) => existsSync(url));
      if (file) all[`${pkg}.${local}`] = describe(readFileSync(file, 'utf8'));
    }
  }
  const json = Buffer.from(JSON.stringify(all));
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: json.length };
  writeFileSync(new URL('descriptions.json.br', folder), brotliCompressSync(json, { params }));
  writeFileSync(
    new URL('descriptions.NOTICE', folder),
    'descriptions.json.br: texts of the Kubernetes API reference, (c) The Kubernetes Authors, Apache License 2.0,\nhttps://www.apache.org/licenses/LICENSE-2.0; taken from the npm package @kubernetes/client-node.\n',
  );
  return Object.keys(all).length;
}
