import type { ResourceFacts, SubresourceFacts } from '../discovery-facts.ts';
import type { ParameterWriter } from './parameters.ts';
import type { Dialect, Schema } from './schema.ts';

/** The paths of a group version: what can be done to which resource, and how kubectl finds a resource's kind. */

type Operation = Record<string, unknown>;
export type PathItem = Record<string, unknown>;

/** A resource as paths need it. */
export type PathResource = Pick<ResourceFacts, 'resource' | 'kind' | 'namespaced' | 'verbs' | 'subresources'> & {
  readonly listKind: string;
};

export interface PathGroupVersion {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly PathResource[];
  /** Served by a definition: no strategic merge, no protobuf, and no paths from before `?watch`. */
  readonly custom?: boolean;
}

interface Gvk {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** How a document refers to types. */
export interface References {
  /** A kind of the API. */
  kind(gvk: Gvk): Schema;
  /** A type of meta/v1: "Status". */
  meta(name: string): Schema;
}

const textTypes = ['application/json', 'application/yaml'];
const protobufType = 'application/vnd.kubernetes.protobuf';
const patchTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];
const strategicType = 'application/strategic-merge-patch+json';

/** How a verb looks: HTTP method, what the extension calls it, its name in operation ids, codes besides 200. */
const verbs: Readonly<
  Record<string, { method: string; action: string; name: string; codes: readonly number[]; text: string }>
> = {
  list: { method: 'get', action: 'list', name: 'list', codes: [], text: 'list or watch objects of kind' },
  create: { method: 'post', action: 'post', name: 'create', codes: [201, 202], text: 'create' },
  deletecollection: {
    method: 'delete',
    action: 'deletecollection',
    name: 'delete',
    codes: [],
    text: 'delete collection of',
  },
  get: { method: 'get', action: 'get', name: 'read', codes: [], text: 'read the specified' },
  update: { method: 'put', action: 'put', name: 'replace', codes: [201], text: 'replace the specified' },
  patch: { method: 'patch', action: 'patch', name: 'patch', codes: [201], text: 'partially update the specified' },
  delete: { method: 'delete', action: 'delete', name: 'delete', codes: [202], text: 'delete' },
};
const codeTexts: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

const connectMethods: Readonly<Record<string, readonly string[]>> = {
  get: ['get'],
  create: ['post'],
  update: ['put'],
  patch: ['patch'],
  delete: ['delete'],
};

export const title = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** "rbac.authorization.k8s.io" → "rbacAuthorization" */
const groupName = (group: string) =>
  group === ''
    ? 'core'
    : group
        .replace(/\.k8s\.io$/, '')
        .split('.')
        .map((part, i) => (i === 0 ? part : title(part)))
        .join('');

const article = (noun: string) => (/^[AEIO]/.test(noun) ? `an ${noun}` : `a ${noun}`);

export const groupVersionPath = (gv: { group: string; version: string }): string =>
  gv.group ? `apis/${gv.group}/${gv.version}` : `api/${gv.version}`;

/** Writes the path items of one group version; `references` hears of the types they need. */
export class PathWriter {
  readonly #gv: PathGroupVersion;
  readonly #dialect: Dialect;
  readonly #references: References;
  readonly #parameters: ParameterWriter;
  readonly #types: readonly string[];

  constructor(gv: PathGroupVersion, dialect: Dialect, references: References, parameters: ParameterWriter) {
    this.#gv = gv;
    this.#dialect = dialect;
    this.#references = references;
    this.#parameters = parameters;
    this.#types = gv.custom ? textTypes : [...textTypes, protobufType];
  }

  paths(): Record<string, PathItem> {
    const base = `/${groupVersionPath(this.#gv)}`;
    const paths: Record<string, PathItem> = this.#gv.custom ? {} : { [`${base}/`]: { get: this.#discovery() } };
    for (const resource of this.#gv.resources) {
      const scope = resource.namespaced ? 'namespaces/{namespace}/' : '';
      const collection = `${base}/${scope}${resource.resource}`;
      paths[collection] = this.#item(resource, ['list', 'create', 'deletecollection']);
      paths[`${collection}/{name}`] = this.#item(resource, ['get', 'update', 'patch', 'delete']);
      for (const sub of resource.subresources) Object.assign(paths, this.#subresource(collection, resource, sub));
      if (resource.namespaced && resource.verbs.includes('list'))
        paths[`${base}/${resource.resource}`] = this.#item({ ...resource, namespaced: false }, ['list'], everywhere);
      if (resource.verbs.includes('watch') && !this.#gv.custom) Object.assign(paths, this.#watches(base, resource));
    }
    return Object.fromEntries(
      Object.entries(paths).filter(([, item]) => Object.keys(item).some((k) => k !== 'parameters')),
    );
  }

  #discovery(): Operation {
    return {
      description: 'get available resources',
      operationId: `get${this.#idPart()}APIResources`,
      tags: [this.#tag()],
      ...this.#consumes(),
      ...this.#responses([200], this.#references.meta('APIResourceList')),
    };
  }

  #item(resource: PathResource, allowed: readonly string[], suffix = ''): PathItem {
    const item: PathItem = {};
    for (const verb of allowed) {
      if (!resource.verbs.includes(verb)) continue;
      const shape = verbs[verb]!;
      const many = verb === 'deletecollection' ? 'Collection' : '';
      item[shape.method] = this.#operation(verb, resource, this.#ownKind(resource), {
        id: `${shape.name}${this.#idPart()}${many}${scopePart(resource)}${resource.kind}${suffix}`,
        text: `${shape.text} ${verb === 'create' || verb === 'delete' ? article(resource.kind) : resource.kind}`,
      });
    }
    item['parameters'] = this.#shared(resource, allowed.includes('get'));
    return item;
  }

  #ownKind({ kind }: PathResource): Gvk {
    return { group: this.#gv.group, version: this.#gv.version, kind };
  }

  #subresource(collection: string, resource: PathResource, sub: SubresourceFacts): Record<string, PathItem> {
    const gvk = {
      group: sub.group ?? this.#gv.group,
      version: sub.version ?? this.#gv.version,
      kind: sub.kind,
    };
    const path = `${collection}/{name}/${sub.name}`;
    if (sub.kind.endsWith('Options')) return this.#connects(path, resource, sub, gvk);
    const item: PathItem = { parameters: this.#shared(resource, true, sub.kind) };
    for (const verb of sub.verbs) {
      const shape = verbs[verb]!;
      item[shape.method] = this.#operation(verb, resource, gvk, {
        id: `${shape.name}${this.#idPart()}${scopePart(resource)}${resource.kind}${title(sub.name)}`,
        text: `${shape.text.replace(/ the specified$/, '')} ${sub.name} of ${verb === 'create' ? article(resource.kind) : `the specified ${resource.kind}`}`,
      });
      if (sub.name === 'log') Object.assign(item[shape.method]!, this.#logs());
    }
    return { [path]: item };
  }

  #operation(verb: string, resource: PathResource, gvk: Gvk, names: { id: string; text: string }): Operation {
    const { meta, kind } = this.#references;
    const shape = verbs[verb]!;
    const removes = verb === 'delete' || verb === 'deletecollection';
    const answer = verb === 'list' ? kind({ ...gvk, kind: resource.listKind }) : removes ? meta('Status') : kind(gvk);
    return {
      description: names.text,
      operationId: names.id,
      tags: [this.#tag()],
      ...this.#request(verb, gvk),
      ...this.#responses([200, ...shape.codes], answer, verb === 'list'),
      'x-kubernetes-action': shape.action,
      'x-kubernetes-group-version-kind': gvk,
    };
  }

  /** Logs are text, and asked for by options of their own. */
  #logs(): Operation {
    const text = { type: 'string' };
    const parameters = this.#parameters.ofOptions('core/v1.PodLogOptions');
    if (this.#dialect === 'v3') return { parameters, ...this.#responses([200], text, false, ['text/plain']) };
    return { parameters, ...this.#responses([200], text, false, ['text/plain', ...this.#types]) };
  }

  #connects(path: string, resource: PathResource, sub: SubresourceFacts, gvk: Gvk): Record<string, PathItem> {
    const options = this.#parameters.ofOptions(`core/v1.${sub.kind}`);
    const item = (rest: boolean): PathItem => {
      const methods: PathItem = {
        parameters: [...this.#shared(resource, true, sub.kind, rest), ...options],
      };
      for (const verb of sub.verbs)
        for (const method of connectMethods[verb]!) {
          const id = `${this.#idPart()}${scopePart(resource)}${resource.kind}${title(sub.name)}`;
          methods[method] = {
            description: `connect ${method.toUpperCase()} requests to ${sub.name} of ${resource.kind}`,
            operationId: `connect${title(method)}${id}${rest ? 'WithPath' : ''}`,
            tags: [this.#tag()],
            ...this.#consumes(),
            ...this.#responses([200], { type: 'string' }, false, ['*/*']),
            'x-kubernetes-action': 'connect',
            'x-kubernetes-group-version-kind': gvk,
          };
        }
      return methods;
    };
    return { [path]: item(false), ...(sub.name === 'proxy' && { [`${path}/{path}`]: item(true) }) };
  }

  /** The paths by which one watched before `?watch=true`. */
  #watches(base: string, resource: PathResource): Record<string, PathItem> {
    const { kind, namespaced } = resource;
    const scope = namespaced ? 'namespaces/{namespace}/' : '';
    const one = `watch${this.#idPart()}${scopePart(resource)}${kind}`;
    const watch = (action: string, id: string, text: string, seen: PathResource, named: boolean): PathItem => ({
      get: {
        description: `${text}. deprecated: use the 'watch' parameter with a list operation instead`,
        operationId: id,
        tags: [this.#tag()],
        ...this.#consumes(),
        ...this.#responses([200], this.#references.meta('WatchEvent'), true),
        'x-kubernetes-action': action,
        'x-kubernetes-group-version-kind': this.#ownKind(resource),
      },
      parameters: [...this.#parameters.ofVerb('list'), ...this.#shared(seen, named)],
    });
    const many = `watch individual changes to a list of ${kind}`;
    const paths: Record<string, PathItem> = {
      [`${base}/watch/${scope}${resource.resource}`]: watch('watchlist', `${one}List`, many, resource, false),
    };
    if (resource.verbs.includes('get'))
      paths[`${base}/watch/${scope}${resource.resource}/{name}`] = watch(
        'watch',
        one,
        `watch changes to an object of kind ${kind}`,
        resource,
        true,
      );
    if (namespaced)
      paths[`${base}/watch/${resource.resource}`] = watch(
        'watchlist',
        `watch${this.#idPart()}${kind}List${everywhere}`,
        many,
        { ...resource, namespaced: false },
        false,
      );
    return paths;
  }

  #request(verb: string, gvk: Gvk): Operation {
    const parameters = this.#parameters.ofVerb(verb);
    if (verb === 'get' || verb === 'list') return { ...this.#consumes(), parameters };
    const removes = verb === 'delete' || verb === 'deletecollection';
    const { meta, kind } = this.#references;
    const schema = removes ? meta('DeleteOptions') : verb === 'patch' ? meta('Patch') : kind(gvk);
    const required = removes ? {} : { required: true };
    const types = verb === 'patch' ? this.#patchTypes() : this.#bodyTypes();
    if (this.#dialect === 'v2')
      return { consumes: types, parameters: [{ in: 'body', name: 'body', ...required, schema }, ...parameters] };
    const content = Object.fromEntries(types.map((t) => [t, { schema }]));
    return { parameters, requestBody: { content, ...required } };
  }

  #patchTypes = () => (this.#gv.custom ? patchTypes : [...patchTypes, strategicType]);
  #bodyTypes = () => (this.#gv.custom ? textTypes : ['*/*']);

  #consumes(): Operation {
    return this.#dialect === 'v2' ? { consumes: this.#bodyTypes() } : {};
  }

  #responses(codes: readonly number[], schema: Schema, watchable = false, types = this.#types): Operation {
    const denied = { 401: { description: 'Unauthorized' } };
    const streams = watchable && !this.#gv.custom ? types.filter((t) => !t.endsWith('yaml')) : [];
    const all = [...types, ...streams.map((t) => `${t};stream=watch`)];
    const each = (content: Operation) =>
      Object.fromEntries(codes.map((code) => [code, { description: codeTexts[code], ...content }]));
    if (this.#dialect === 'v2')
      return { produces: all, schemes: ['https'], responses: { ...each({ schema }), ...denied } };
    return { responses: { ...each({ content: Object.fromEntries(all.map((t) => [t, { schema }])) }), ...denied } };
  }

  #shared(resource: PathResource, named: boolean, kind = resource.kind, rest = false): Schema[] {
    return this.#parameters.ofPath(kind, { named, namespaced: resource.namespaced, rest });
  }

  #idPart(): string {
    return `${title(groupName(this.#gv.group))}${title(this.#gv.version)}`;
  }

  #tag(): string {
    return `${groupName(this.#gv.group)}_${this.#gv.version}`;
  }
}

const everywhere = 'ForAllNamespaces';
const scopePart = (resource: PathResource): string => (resource.namespaced ? 'Namespaced' : '');
