/**
 * Reads Kubernetes' Go type sources and writes `src/api/facts.gen.json`: names, types, list kinds, merge keys, enums,
 * defaults and protobuf numbers of every API type. Facts only, no upstream prose.
 *
 * Run by a developer when Kubernetes has a new version; never by the build:
 *
 *     node scripts/gen-facts.ts DIR        # DIR holds the unpacked packages, so DIR/usr/share/gocode/src/k8s.io
 *
 * The packages are Debian sid's golang-k8s-api-dev, golang-k8s-apimachinery-dev,
 * golang-k8s-apiextensions-apiserver-dev and golang-k8s-metrics-dev. To fetch them without touching the machine's own
 * sources, give apt a configuration of its own:
 *
 *     mkdir -p /tmp/sid/{etc,lists/partial,cache/archives/partial,deb,x}; touch /tmp/sid/status
 *     echo 'deb http://deb.debian.org/debian sid main' > /tmp/sid/etc/sources.list
 *     printf '%s\n' 'Dir::Etc::sourcelist "/tmp/sid/etc/sources.list";' 'Dir::Etc::sourceparts "-";' \
 *       'Dir::State::lists "/tmp/sid/lists";' 'Dir::Cache "/tmp/sid/cache";' \
 *       'Dir::State::status "/tmp/sid/status";' > /tmp/sid/apt.conf
 *     export APT_CONFIG=/tmp/sid/apt.conf; apt-get update; cd /tmp/sid/deb
 *     apt-get download golang-k8s-{api,apimachinery,apiextensions-apiserver,metrics}-dev
 *     for d in *.deb; do dpkg-deb -x $d /tmp/sid/x; done
 *
 * The notation of the output is described where it is read: `src/api/facts.ts`.
 */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { handFacts } from './hand-facts.ts';

interface Package {
  /** Name in the facts: `core/v1`. */
  readonly key: string;
  readonly dir: string;
  /** API group, undefined for packages that hold only shared types. */
  readonly group?: string;
  readonly version?: string;
  /** Prefix of the OpenAPI model names: `io.k8s.api.core.v1`. */
  readonly model: string;
}

/** Types of other packages that are plain to us. */
const plainTypes: Readonly<Record<string, string>> = {
  'k8s.io/apimachinery/pkg/types.UID': 'string',
  'k8s.io/apimachinery/pkg/types.NodeName': 'string',
  'time.Duration': 'int64',
};

const root = join(process.argv[2] ?? '/tmp/sid/x', 'usr/share/gocode/src/k8s.io');
if (!existsSync(root)) throw new Error(`no Go sources in ${root}: see the head of scripts/gen-facts.ts`);

const folders = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true })
    .filter((e) => e.isDirectory())
    .map((e) => e.name)
    .sort();

const goFiles = (dir: string): string[] =>
  readdirSync(dir)
    .filter((f) => f.endsWith('.go') && !/_test\.go$|^zz_|^generated|_swagger_doc_generated\.go$/.test(f))
    .sort();

/** Every package that holds wire types, by import path. */
function packages(): Map<string, Package> {
  const found = new Map<string, Package>();
  const add = (path: string, key: string, model: string, grouped: boolean) => {
    const dir = join(root, path.slice('k8s.io/'.length));
    const register = join(dir, 'register.go');
    const group = grouped
      ? (/GroupName\s*(?:string)?\s*=\s*"([^"]*)"/.exec(readFileSync(register, 'utf8'))?.[1] ?? '')
      : undefined;
    found.set(path, { key, dir, model, ...(group !== undefined && { group, version: key.split('/').at(-1)! }) });
  };
  for (const group of folders(join(root, 'api'))) {
    if (group === 'testdata') continue;
    for (const version of folders(join(root, 'api', group)))
      add(`k8s.io/api/${group}/${version}`, `${group}/${version}`, `io.k8s.api.${group}.${version}`, true);
  }
  const machinery = 'k8s.io/apimachinery/pkg';
  add(`${machinery}/apis/meta/v1`, 'meta/v1', 'io.k8s.apimachinery.pkg.apis.meta.v1', false);
  add(`${machinery}/apis/meta/v1beta1`, 'meta/v1beta1', 'io.k8s.apimachinery.pkg.apis.meta.v1beta1', false);
  add(`${machinery}/runtime`, 'runtime', 'io.k8s.apimachinery.pkg.runtime', false);
  add(`${machinery}/util/intstr`, 'intstr', 'io.k8s.apimachinery.pkg.util.intstr', false);
  add(`${machinery}/api/resource`, 'quantity', 'io.k8s.apimachinery.pkg.api.resource', false);
  for (const version of ['v1', 'v1beta1'])
    add(
      `k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/${version}`,
      `apiextensions/${version}`,
      `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${version}`,
      true,
    );
  for (const group of ['metrics', 'custom_metrics', 'external_metrics'])
    for (const version of folders(join(root, 'metrics/pkg/apis', group)).filter((v) => v !== 'install'))
      add(
        `k8s.io/metrics/pkg/apis/${group}/${version}`,
        `${group}/${version}`,
        `io.k8s.metrics.pkg.apis.${group}.${version}`,
        true,
      );
  return found;
}

const all = packages();

/** Shared packages hold far more Go types than wire types: the files whose types travel. */
const wireFiles: Readonly<Record<string, RegExp>> = {
  'meta/v1': /^(types|time|micro_time|duration|group_version|fieldsv1|fieldsv1_byte|watch)\.go$/,
  runtime: /^types\.go$/,
  intstr: /^intstr\.go$/,
  quantity: /^quantity\.go$/,
};

/** Types that are Go machinery and never travel. */
const notWire =
  /^(meta\/v1\.(InternalEvent|FieldsV1Writer)|quantity\.(infDecAmount|int64Amount|Scale|parseQuantity.*))$/;

/** Messages that exist only in the proto file: the wire shape of types that marshal themselves. */
const handMade = /^meta\/v1\.(Timestamp|Time|MicroTime|Duration)$/;

interface Field {
  name: string;
  optional: boolean;
  type: string;
  number: number;
  flags: string[];
}

interface Type {
  head: string[];
  fields?: Field[];
  alias?: string;
  enumOf?: string;
}

/** Values of the markers in a comment block: `+listType=map` gives listType → ['map']. */
function markers(comments: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of comments) {
    const m = /^\+([A-Za-z0-9:._-]+)(?:=(.*))?$/.exec(line.trim());
    if (!m) continue;
    const list = found.get(m[1]!) ?? [];
    list.push((m[2] ?? '').trim());
    found.set(m[1]!, list);
  }
  return found;
}

/** A Go type text with its packages written as facts keys, those of its own package left away. */
function typeText(text: string, own: string, imports: ReadonlyMap<string, string>): string {
  return text.trim().replace(/\b([A-Za-z][A-Za-z0-9]*)\.([A-Z][A-Za-z0-9]*)/g, (_, pkg: string, name: string) => {
    const path = imports.get(pkg);
    if (path === undefined) throw new Error(`unknown package ${pkg} in ${text}`);
    const plain = plainTypes[`${path}.${name}`];
    if (plain) return plain;
    const key = all.get(path)?.key;
    if (!key) throw new Error(`${path} is not a package of wire types`);
    return key === own ? name : `${key}.${name}`;
  });
}

const quote = (text: string) => text.replace(/[%; ]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);

function defaultOf(marker: string, consts: ReadonlyMap<string, string>): string {
  const ref = /^ref\(([^)]*)\)$/.exec(marker);
  const value = ref ? consts.get(ref[1]!) : marker;
  if (value === undefined) throw new Error(`no constant for default ${marker}`);
  return quote(value);
}

function field(line: string, comments: string[], ctx: Context): Field | undefined {
  const m = /^\t(?:([A-Za-z0-9_]+)\s+)?([^\s`]\S*?)\s*(?:`([^`]*)`)?\s*(?:\/\/.*)?$/.exec(line);
  if (!m) return undefined;
  const [, goName, goType, tags = ''] = m;
  const tag = (name: string) => new RegExp(`(?:^|\\s)${name}:"([^"]*)"`).exec(tags)?.[1];
  const json = tag('json');
  const proto = tag('protobuf');
  if (json === undefined && (proto === undefined || proto === '-')) return undefined;
  const [jsonName = '', ...options] = (json ?? '').split(',');
  const number = Number(proto?.split(',')[1] ?? 0);
  const marks = markers(comments);
  const inline = options.includes('inline') || (goName === undefined && jsonName === '');
  const type = typeText(goType!, ctx.pkg.key, ctx.imports);
  const omit = options.includes('omitempty') || options.includes('omitzero');
  const optional = !inline && !marks.has('required') && (omit || marks.has('optional'));
  const flags: string[] = [];
  if (inline) flags.push('i');
  if (options.includes('omitempty')) flags.push('o');
  if (options.includes('omitzero')) flags.push('z');
  if (marks.has('required')) flags.push('r');
  const listType = marks.get('listType')?.[0] ?? marks.get('k8s:listType')?.[0];
  const keys = marks.get('listMapKey') ?? marks.get('k8s:listMapKey') ?? [];
  if (listType) flags.push(`l=${listType}${keys.length ? `:${[...new Set(keys)].join(',')}` : ''}`);
  const first = (name: string, flag: string) => {
    const value = marks.get(name)?.[0];
    if (value) flags.push(`${flag}=${value}`);
  };
  first('mapType', 'm');
  first('structType', 's');
  const strategy = tag('patchStrategy');
  if (strategy) flags.push(`p=${strategy}`);
  const mergeKey = tag('patchMergeKey');
  if (mergeKey) flags.push(`k=${mergeKey}`);
  const gates = marks.get('featureGate');
  if (gates) flags.push(`g=${gates.flatMap((g) => g.split(/,\s*/)).join(',')}`);
  const fallback = marks.get('default')?.[0];
  if (fallback !== undefined) flags.push(`d=${defaultOf(fallback, ctx.consts)}`);
  // A field that JSON does not carry (`json:"-"`, or no json tag at all) is only on the protobuf wire.
  const hidden = jsonName === '-' || (json === undefined && proto !== undefined);
  if (hidden) flags.push('h');
  const name = inline || hidden ? (goName ?? goType!.replace(/^.*\./, '')) : jsonName || goName!;
  return { name, optional, type, number, flags };
}

interface Context {
  readonly pkg: Package;
  readonly imports: Map<string, string>;
  readonly consts: Map<string, string>;
}

function importsOf(text: string): Map<string, string> {
  const imports = new Map<string, string>();
  const block = /^import \(\n([\s\S]*?)\n\)/m.exec(text)?.[1] ?? /^import (.*)$/m.exec(text)?.[1] ?? '';
  for (const m of block.matchAll(/^\s*(?:([A-Za-z0-9_]+)\s+)?"([^"]+)"/gm)) {
    const path = m[2]!;
    imports.set(m[1] ?? path.split('/').at(-1)!, path);
  }
  return imports;
}

/** Constants by type and by name: `Name Type = "value"`, one per line, alone or in a block. */
/** Constants of the packages read so far; core comes before those that refer to it. */
const constantsOfAll = new Map<string, string>();

function constantsOf(text: string, byType: Map<string, string[]>, byName: Map<string, string>): void {
  for (const m of text.matchAll(
    /^\s*(?:const\s+)?([A-Z][A-Za-z0-9_]*)\s+([A-Z][A-Za-z0-9]*)\s*=\s*("(?:[^"\\]|\\.)*")/gm,
  )) {
    byType.set(m[2]!, [...(byType.get(m[2]!) ?? []), JSON.parse(m[3]!)]);
    byName.set(m[1]!, m[3]!);
  }
  for (const m of text.matchAll(/^\s*([A-Z][A-Za-z0-9_]*)\s*=\s*([A-Z][A-Za-z0-9]*)\(("(?:[^"\\]|\\.)*")\)/gm)) {
    byType.set(m[2]!, [...(byType.get(m[2]!) ?? []), JSON.parse(m[3]!)]);
    byName.set(m[1]!, m[3]!);
  }
  // `AddressTypeIPv4 = AddressType(v1.IPv4Protocol)`: the value is another package's constant.
  for (const m of text.matchAll(
    /^\s*([A-Z][A-Za-z0-9_]*)\s*=\s*([A-Z][A-Za-z0-9]*)\((?:\w+\.)?([A-Z][A-Za-z0-9]*)\)/gm,
  )) {
    const value = byName.get(m[3]!) ?? constantsOfAll.get(m[3]!);
    if (value === undefined) throw new Error(`the value of ${m[1]} (${m[3]}) is not known yet`);
    byType.set(m[2]!, [...(byType.get(m[2]!) ?? []), JSON.parse(value)]);
    byName.set(m[1]!, value);
  }
  for (const [name, value] of byName) constantsOfAll.set(name, value);
}

function headOf(marks: Map<string, string[]>): string[] {
  const head: string[] = [];
  const isKind = marks.get('k8s:deepcopy-gen:interfaces')?.some((v) => v.endsWith('runtime.Object'));
  if (isKind) head.push('K');
  if (marks.has('genclient:nonNamespaced')) head.push('C');
  for (const [marker, flag] of [
    ['structType', 's'],
    ['mapType', 'm'],
  ] as const) {
    const value = marks.get(marker)?.[0];
    if (value) head.push(`${flag}=${value}`);
  }
  return head;
}

const lifecycleFlags: Readonly<Record<string, string>> = {
  Introduced: 'i',
  Deprecated: 'd',
  Removed: 'x',
  Replacement: 'r',
};

/** When kinds came, are deprecated and go, and what replaces them: each a Go method that returns a literal. */
function readLifecycles(dir: string, types: ReadonlyMap<string, Type>): void {
  const method =
    /^func \(in \*(\w+)\) APILifecycle(\w+)\(\) .*\{\n\treturn (?:(\d+), (\d+)|.*Group: "(.*)", Version: "(.*)", Kind: "(.*)"\})$/gm;
  for (const file of ['zz_generated.prerelease-lifecycle.go', 'lifecycle.go'].filter((f) => existsSync(join(dir, f))))
    for (const [, type = '', what = '', major, minor, ...replacement] of readFileSync(join(dir, file), 'utf8').matchAll(
      method,
    )) {
      const value = major === undefined ? replacement.join(',') : `${major}.${minor}`;
      types.get(type)?.head.push(`${lifecycleFlags[what]}=${value}`);
    }
}

function readFile(text: string, ctx: Context, types: Map<string, Type>): void {
  let comments: string[] = [];
  /** gengo also reads the comment block before the closest one, so markers may stand apart from the type. */
  let earlier: string[] = [];
  let open: Type | undefined;
  for (const line of text.split('\n')) {
    const comment = /^\s*\/\/\s?(.*)$/.exec(line);
    if (comment) {
      comments.push(comment[1]!);
      continue;
    }
    if (open) {
      if (line === '}') open = undefined;
      else if (line.trim()) {
        const f = field(line, comments, ctx);
        if (f) open.fields!.push(f);
      }
      comments = [];
      continue;
    }
    if (line.trim() === '') {
      if (comments.length) earlier = comments;
      comments = [];
      continue;
    }
    const decl = /^type ([A-Z][A-Za-z0-9]*) (=\s*)?(.*)$/.exec(line);
    if (decl && !notWire.test(`${ctx.pkg.key}.${decl[1]}`)) {
      const marks = markers([...earlier, ...comments]);
      const body = decl[3]!.replace(/\s*\/\/.*$/, '');
      const head = headOf(marks);
      if (/^struct ?\{\}$/.test(body)) types.set(decl[1]!, { head, fields: [] });
      else if (body === 'struct {') {
        open = { head, fields: [] };
        types.set(decl[1]!, open);
      } else if (!/^(interface|func|struct)\b/.test(body)) {
        // Wrapper messages: a named list that protobuf carries as a message of its own.
        if (marks.has('protobuf.nullable') && body.startsWith('[]')) head.push('w');
        types.set(decl[1]!, {
          head,
          alias: typeText(body, ctx.pkg.key, ctx.imports),
          ...(marks.has('enum') && { enumOf: decl[1]! }),
        });
      }
    }
    comments = [];
    earlier = [];
  }
}

function printType(type: Type, enums: ReadonlyMap<string, string[]>): string {
  const head = [...type.head];
  if (type.alias !== undefined) {
    if (type.enumOf) head.push(`e=${(enums.get(type.enumOf) ?? []).map(quote).join(',')}`);
    return [`=${type.alias}`, ...head].join(' ');
  }
  const fields = type.fields!.map((f) =>
    [`${f.name}${f.optional ? '?' : ''}:${f.type}`, String(f.number), ...f.flags].join(' '),
  );
  return [head.join(' '), ...fields].join(';');
}

/**
 * The proof of completeness: every message and field number of the package's generated.proto is in the facts.
 * (The proto file alone is not enough: inlined structs and renamed JSON are only in the Go tags.)
 */
function proveComplete(pkg: Package, types: ReadonlyMap<string, Type>): void {
  const proto = join(pkg.dir, 'generated.proto');
  if (!existsSync(proto)) return;
  let message = '';
  for (const line of readFileSync(proto, 'utf8').split('\n')) {
    message = /^message (\w+) \{/.exec(line)?.[1] ?? message;
    const m = /^ {2}(?:optional|repeated|required|map<[^>]*>) .*= (\d+)(?: \[[^\]]*\])?;/.exec(line);
    if (!m || notWire.test(`${pkg.key}.${message}`)) continue;
    const type = types.get(message);
    // Times and quantities marshal themselves; wrapper lists are a message around field 1.
    if (type?.fields?.length === 0 || type?.alias !== undefined || handMade.test(`${pkg.key}.${message}`)) continue;
    if (!type?.fields?.some((f) => f.number === Number(m[1])))
      throw new Error(`${pkg.key}.${message} lacks protobuf field ${m[1]}`);
  }
}

const output: Record<string, { group?: string; version?: string; model: string; types: Record<string, string> }> = {};
const counts = { structs: 0, fields: 0, numbers: 0, aliases: 0, enums: 0, kinds: 0 };
for (const pkg of all.values()) {
  const types = new Map<string, Type>();
  const enums = new Map<string, string[]>();
  const consts = new Map<string, string>();
  const texts = goFiles(pkg.dir)
    .filter((f) => wireFiles[pkg.key]?.test(f) ?? true)
    .map((f) => readFileSync(join(pkg.dir, f), 'utf8'));
  for (const text of texts) constantsOf(text, enums, consts);
  for (const text of texts) readFile(text, { pkg, imports: importsOf(text), consts }, types);
  readLifecycles(pkg.dir, types);
  proveComplete(pkg, types);
  for (const type of types.values()) {
    if (type.fields) counts.structs++;
    else counts.aliases++;
    counts.fields += type.fields?.length ?? 0;
    counts.numbers += type.fields?.filter((f) => f.number).length ?? 0;
    if (type.enumOf) counts.enums++;
    if (type.head.includes('K')) counts.kinds++;
  }
  output[pkg.key] = {
    ...(pkg.group !== undefined && { group: pkg.group, version: pkg.version! }),
    model: pkg.model,
    types: Object.fromEntries(
      [...types].sort(([a], [b]) => (a < b ? -1 : 1)).map(([n, t]) => [n, printType(t, enums)]),
    ),
  };
}
Object.assign(output, handFacts);

const target = new URL('../src/api/facts.gen.json', import.meta.url);
writeFileSync(target, `${JSON.stringify({ counts, packages: output }, null, 1)}\n`);
console.log(counts);
