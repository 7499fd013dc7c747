import type { GroupVersionFacts, ResourceFacts, SubresourceFacts } from '../discovery-facts.ts';
import { kindFacts } from '../facts.ts';
import type { Dialect, Schema } from './schema.ts';

/** The paths of a group version: what can be done to which resource, and how kubectl finds a resource's kind. */

type Operation = Record<string, unknown>;
export type PathItem = Record<string, unknown>;

interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly type: 'string' | 'integer' | 'boolean';
}

const query = (name: string, type: Parameter['type'] = 'string'): Parameter => ({ name, in: 'query', type });
const inPath = (name: string): Parameter => ({ name, in: 'path', type: 'string' });

const pretty = query('pretty');
const listParameters = [
  query('allowWatchBookmarks', 'boolean'),
  query('continue'),
  query('fieldSelector'),
  query('labelSelector'),
  query('limit', 'integer'),
  query('resourceVersion'),
  query('resourceVersionMatch'),
  query('sendInitialEvents', 'boolean'),
  query('timeoutSeconds', 'integer'),
  query('watch', 'boolean'),
];
const writeParameters = [query('dryRun'), query('fieldManager'), query('fieldValidation')];
const deleteParameters = [
  query('dryRun'),
  query('gracePeriodSeconds', 'integer'),
  query('orphanDependents', 'boolean'),
  query('propagationPolicy'),
];

const jsonTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** How a verb looks: HTTP method, what the extension calls it, the name in operation ids, and its parameters. */
const verbs: Readonly<
  Record<string, { method: string; action: string; name: string; parameters: readonly Parameter[] }>
> = {
  list: { method: 'get', action: 'list', name: 'list', parameters: listParameters },
  create: { method: 'post', action: 'post', name: 'create', parameters: writeParameters },
  deletecollection: {
    method: 'delete',
    action: 'deletecollection',
    name: 'delete',
    parameters: [...listParameters, ...deleteParameters],
  },
  get: { method: 'get', action: 'get', name: 'read', parameters: [] },
  update: { method: 'put', action: 'put', name: 'replace', parameters: writeParameters },
  patch: {
    method: 'patch',
    action: 'patch',
    name: 'patch',
    parameters: [...writeParameters, query('force', 'boolean')],
  },
  delete: { method: 'delete', action: 'delete', name: 'delete', parameters: deleteParameters },
};

const connectMethods: Readonly<Record<string, string>> = {
  get: 'get',
  create: 'post',
  update: 'put',
  patch: 'patch',
  delete: 'delete',
};

const title = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** "rbac.authorization.k8s.io" → "rbacAuthorization" */
const groupName = (group: string) =>
  group === ''
    ? 'core'
    : group
        .replace(/\.k8s\.io$/, '')
        .split('.')
        .map((part, i) => (i === 0 ? part : title(part)))
        .join('');

export const groupVersionPath = (gv: { group: string; version: string }): string =>
  gv.group ? `apis/${gv.group}/${gv.version}` : `api/${gv.version}`;

/** Writes the path items of one group version; tells `refer` which types they need. */
export class PathWriter {
  readonly #gv: GroupVersionFacts;
  readonly #dialect: Dialect;
  readonly #refer: (type: string) => Schema;

  constructor(gv: GroupVersionFacts, dialect: Dialect, refer: (type: string) => Schema) {
    this.#gv = gv;
    this.#dialect = dialect;
    this.#refer = refer;
  }

  paths(): Record<string, PathItem> {
    const base = `/${groupVersionPath(this.#gv)}`;
    const paths: Record<string, PathItem> = {
      [`${base}/`]: { get: this.#discovery() },
    };
    for (const resource of this.#gv.resources) {
      const scope = resource.namespaced ? `${base}/namespaces/{namespace}/` : `${base}/`;
      const collection = `${scope}${resource.resource}`;
      paths[collection] = this.#item(resource, ['list', 'create', 'deletecollection']);
      paths[`${collection}/{name}`] = this.#item(resource, ['get', 'update', 'patch', 'delete']);
      for (const sub of resource.subresources)
        paths[`${collection}/{name}/${sub.name}`] = this.#subresource(resource, sub);
      if (resource.namespaced && resource.verbs.includes('list'))
        paths[`${base}/${resource.resource}`] = this.#item(
          { ...resource, namespaced: false },
          ['list'],
          'ForAllNamespaces',
        );
    }
    return Object.fromEntries(
      Object.entries(paths).filter(([, item]) => Object.keys(item).some((k) => k !== 'parameters')),
    );
  }

  #discovery(): Operation {
    return {
      operationId: `get${this.#idPart()}APIResources`,
      tags: [this.#tag()],
      ...this.#responses(this.#refer('meta/v1.APIResourceList')),
    };
  }

  #item(resource: ResourceFacts, allowed: readonly string[], suffix = ''): PathItem {
    const item: PathItem = {};
    for (const verb of allowed) {
      if (!resource.verbs.includes(verb)) continue;
      const shape = verbs[verb]!;
      const many = verb === 'deletecollection' ? 'Collection' : '';
      item[shape.method] = this.#operation(verb, resource.kind, this.#gv, {
        id: `${shape.name}${this.#idPart()}${many}${this.#scopePart(resource)}${resource.kind}${suffix}`,
      });
    }
    const named = allowed.includes('get');
    item['parameters'] = this.#shared(resource, named);
    return item;
  }

  #subresource(resource: ResourceFacts, sub: SubresourceFacts): PathItem {
    const item: PathItem = { parameters: this.#shared(resource, true) };
    const gv = { group: sub.group ?? this.#gv.group, version: sub.version ?? this.#gv.version };
    const connects = sub.kind.endsWith('Options');
    for (const verb of sub.verbs) {
      const id = `${this.#idPart()}${this.#scopePart(resource)}${resource.kind}${title(sub.name)}`;
      if (connects) item[connectMethods[verb]!] = this.#connect(`connect${title(verb)}${id}`, sub.kind, gv);
      else {
        const shape = verbs[verb]!;
        item[shape.method] = this.#operation(verb, sub.kind, gv, { id: `${shape.name}${id}` });
      }
    }
    return item;
  }

  #operation(verb: string, kind: string, gv: { group: string; version: string }, names: { id: string }): Operation {
    const type = kindFacts(gv.group, gv.version, kind)!.name;
    const shape = verbs[verb]!;
    const answer =
      verb === 'list'
        ? kindFacts(gv.group, gv.version, `${kind}List`)?.name
        : verb === 'delete' || verb === 'deletecollection'
          ? 'meta/v1.Status'
          : type;
    return {
      operationId: names.id,
      tags: [this.#tag()],
      ...this.#request(verb, type, shape.parameters),
      ...this.#responses(this.#refer(answer ?? type)),
      'x-kubernetes-action': shape.action,
      'x-kubernetes-group-version-kind': { group: gv.group, kind, version: gv.version },
    };
  }

  #connect(id: string, kind: string, gv: { group: string; version: string }): Operation {
    const text: Schema = { type: 'string' };
    return {
      operationId: id,
      tags: [this.#tag()],
      ...this.#responses(text),
      'x-kubernetes-action': 'connect',
      'x-kubernetes-group-version-kind': { group: gv.group, kind, version: gv.version },
    };
  }

  #request(verb: string, type: string, parameters: readonly Parameter[]): Operation {
    const listed = parameters.map((p) => this.#parameter(p));
    const deletes = verb === 'delete' || verb === 'deletecollection';
    const body = deletes ? 'meta/v1.DeleteOptions' : verb === 'patch' ? 'meta/v1.Patch' : type;
    if (verb === 'get' || verb === 'list') return { parameters: listed };
    const schema = this.#refer(body);
    if (this.#dialect === 'v2') {
      const parameter = { in: 'body', name: 'body', ...(!deletes && { required: true }), schema };
      return { consumes: verb === 'patch' ? patchTypes : ['*/*'], parameters: [parameter, ...listed] };
    }
    const types = verb === 'patch' ? patchTypes : ['*/*'];
    const content = Object.fromEntries(types.map((t) => [t, { schema }]));
    return { parameters: listed, requestBody: { content, ...(!deletes && { required: true }) } };
  }

  #responses(schema: Schema): Operation {
    const denied = { description: 'Unauthorized' };
    if (this.#dialect === 'v2')
      return { produces: jsonTypes, responses: { 200: { description: 'OK', schema }, 401: denied } };
    const content = Object.fromEntries(jsonTypes.map((t) => [t, { schema }]));
    return { responses: { 200: { description: 'OK', content }, 401: denied } };
  }

  #parameter(p: Parameter): Schema {
    const type = { type: p.type, uniqueItems: true };
    const required = p.in === 'path' ? { required: true } : {};
    return this.#dialect === 'v2'
      ? { name: p.name, in: p.in, ...required, ...type }
      : { name: p.name, in: p.in, ...required, schema: type };
  }

  #shared(resource: ResourceFacts, named: boolean): Schema[] {
    const parameters = [
      ...(named ? [inPath('name')] : []),
      ...(resource.namespaced ? [inPath('namespace')] : []),
      pretty,
    ];
    return parameters.map((p) => this.#parameter(p));
  }

  #scopePart(resource: ResourceFacts): string {
    return resource.namespaced ? 'Namespaced' : '';
  }

  #idPart(): string {
    return `${title(groupName(this.#gv.group))}${title(this.#gv.version)}`;
  }

  #tag(): string {
    return `${groupName(this.#gv.group)}_${this.#gv.version}`;
  }
}
