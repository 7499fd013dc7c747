/**
 * What a path asks for, before anything is looked up. Source of the grammar: apiserver `endpoints/request/requestinfo.go`.
 *
 *     /api/v1/RESOURCE[/NAME[/SUBRESOURCE[/REST]]]
 *     /api/v1/namespaces/NS/RESOURCE[/NAME[/SUBRESOURCE[/REST]]]
 *     /apis/GROUP/VERSION/...                      the same below a group
 *     /api/v1/watch/...                            the old way to write ?watch=true
 *
 * Everything else is a non-resource path, whose verb is the method in lower case.
 */
export interface RequestInfo {
  readonly path: string;
  readonly isResource: boolean;
  /** get, list, watch, create, update, patch, delete, deletecollection; a non-resource path's method in lower case. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** What follows the subresource, beginning with "/"; "" when nothing does. The proxies pass it on. */
  readonly rest: string;
}

const plain = { group: '', version: '', namespace: '', resource: '', subresource: '', name: '', rest: '' };

/** Subresources of namespaces; any other third part is a resource inside the namespace. */
const namespaceSubresources = new Set(['status', 'finalize']);

const methodVerbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Reads a request's method, raw path and whether its query asks to watch. Throws URIError for broken percent-encoding. */
export function requestInfo(method: string, path: string, asksWatch: () => boolean): RequestInfo {
  const parts = path.split('/');
  // parts[0] is what comes before the leading slash.
  const legacy = parts[1] === 'api';
  const start = legacy ? 3 : 4;
  if ((!legacy && parts[1] !== 'apis') || parts.length <= start || parts[start] === '') {
    return { ...plain, path, isResource: false, verb: method.toLowerCase() };
  }
  let at = start;
  let verb = methodVerbs[method] ?? '';
  const watchPath = parts[at] === 'watch' && parts.length > at + 1;
  if (watchPath) at++;
  const decode = (i: number) => {
    const part = parts[i] ?? '';
    return part.includes('%') ? decodeURIComponent(part) : part;
  };
  let namespace = '';
  let resource = decode(at);
  if (resource === 'namespaces' && parts[at + 1]) {
    namespace = decode(at + 1);
    const third = parts[at + 2];
    if (third && !namespaceSubresources.has(third)) {
      at += 2;
      resource = decode(at);
    }
  }
  const name = decode(at + 1);
  const subresource = decode(at + 2);
  const rest = parts.length > at + 3 ? `/${parts.slice(at + 3).join('/')}` : '';
  if (watchPath) verb = 'watch';
  else if (verb === 'get' && name === '') verb = asksWatch() ? 'watch' : 'list';
  else if (verb === 'get' && subresource === '' && asksWatch()) verb = 'watch';
  else if (verb === 'delete' && name === '') verb = 'deletecollection';
  return {
    path,
    isResource: true,
    verb,
    group: legacy ? '' : (parts[2] ?? ''),
    version: legacy ? (parts[2] ?? '') : (parts[3] ?? ''),
    namespace,
    resource,
    subresource,
    name,
    rest,
  };
}
