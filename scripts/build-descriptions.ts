/**
 * Part of the build: gathers the descriptions of types and fields for `kubectl explain` from the doc comments of
 * @kubernetes/client-node (read as text, never imported) into `dist/descriptions.json.br`. There a field whose type is another
 * type has only that type's text; its own is taken from kubernetes-types, which is older but has them all. Apache-2.0, (c) The
 * Kubernetes Authors; the notice goes beside it. Nothing of it enters the repository, and krill runs without it.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { groupVersionFacts, optionalGroupVersionFacts } from '../src/api/discovery-facts.ts';
import { factPackages, packageOf, typeFacts } from '../src/api/facts.ts';

const models = new URL('../node_modules/@kubernetes/client-node/dist/gen/models/', import.meta.url);

const older = new URL('../node_modules/kubernetes-types/', import.meta.url);

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

/** Descriptions of every interface of an older package's file, by type and field. */
function describeOlder(pkg: string): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  const file = new URL(`${pkg}.d.ts`, older);
  if (!existsSync(file)) return found;
  for (const [, name, body] of readFileSync(file, 'utf8').matchAll(/^export interface (\w+) \{\n([\s\S]*?)^\}/gm)) {
    const fields = new Map<string, string>();
    for (const [, text, field] of body!.matchAll(/\/\*\* (.*?) \*\/\n\s*"?([\w$-]+)"?\??:/g)) fields.set(field!, text!);
    found.set(name!, fields);
  }
  return found;
}

const plain: ReadonlySet<string> = new Set(['string', 'bool', 'int32', 'int64', 'float', 'bytes', 'list', 'map']);

/** Gives fields that only repeat the text of their type one of their own. */
function complete(all: Record<string, Record<string, string>>): void {
  const files = new Map<string, ReturnType<typeof describeOlder>>();
  for (const [name, texts] of Object.entries(all)) {
    const [pkg = '', local = ''] = name.split('.');
    let file = files.get(pkg);
    if (!file) files.set(pkg, (file = describeOlder(pkg)));
    const { fields } = typeFacts(name);
    for (const [field, text] of file.get(local) ?? []) {
      const shape = fields.get(field)?.type.shape;
      if (shape !== undefined && (texts[field] === undefined || !plain.has(shape))) texts[field] = text;
    }
  }
}

/** Options have no model of their own: their texts are those of the parameters of a request. */
const requests: Readonly<Record<string, string>> = {
  'meta/v1.ListOptions': 'ListNamespacedPod',
  'meta/v1.DeleteOptions': 'DeleteNamespacedPod',
  'meta/v1.CreateOptions': 'CreateNamespacedPod',
  'meta/v1.UpdateOptions': 'ReplaceNamespacedPod',
  'meta/v1.PatchOptions': 'PatchNamespacedPod',
  'core/v1.PodAttachOptions': 'ConnectGetNamespacedPodAttach',
  'core/v1.PodExecOptions': 'ConnectGetNamespacedPodExec',
  'core/v1.PodLogOptions': 'ReadNamespacedPodLog',
  'core/v1.PodPortForwardOptions': 'ConnectGetNamespacedPodPortforward',
  'core/v1.PodProxyOptions': 'ConnectGetNamespacedPodProxy',
  'core/v1.ServiceProxyOptions': 'ConnectGetNamespacedServiceProxy',
  'core/v1.NodeProxyOptions': 'ConnectGetNodeProxy',
};

/** Descriptions of the parameters of a request, by field. */
function describeRequest(source: string, request: string): Record<string, string> {
  const found: Record<string, string> = {};
  const head = `export interface CoreV1Api${request}Request {`;
  const start = source.indexOf(head);
  if (start < 0) return found;
  const body = source.slice(start, source.indexOf('\n}', start));
  for (const [, comment, field] of body.matchAll(/\/\*\*([\s\S]*?)\*\/\s*(\w+)\??:/g)) {
    const text = textOf(comment!.replace(/^\s*\*\s*(?:Defaults to: undefined|@type .*|@memberof .*)$/gm, ''));
    if (text) found[field!] = text;
  }
  return found;
}

/** Writes the asset and its notice; returns how many types it describes. */
export function buildDescriptions(folder: URL): number {
  const packages = new Set([
    'meta/v1',
    'metrics/v1beta1',
    ...[...groupVersionFacts, ...optionalGroupVersionFacts].map((gv) => packageOf(gv.group, gv.version)!),
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
  complete(all);
  const api = readFileSync(new URL('../types/ObjectParamAPI.d.ts', models), 'utf8');
  for (const [type, request] of Object.entries(requests))
    all[type] = { ...describeRequest(api, request), ...all[type] };
  const json = Buffer.from(JSON.stringify(all));
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: json.length };
  writeFileSync(new URL('descriptions.json.br', folder), brotliCompressSync(json, { params }));
  writeFileSync(
    new URL('descriptions.NOTICE', folder),
    'descriptions.json.br: texts of the Kubernetes API reference, (c) The Kubernetes Authors, Apache License 2.0,\nhttps://www.apache.org/licenses/LICENSE-2.0; taken from the npm packages @kubernetes/client-node and kubernetes-types.\n',
  );
  return Object.keys(all).length;
}
