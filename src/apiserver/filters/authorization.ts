import { type Attributes, type Authorizer, authorize } from '../authz/authorizer.ts';
import { isOpenPath } from '../authz/open-paths.ts';
import { selectedName } from '../authz/selected-name.ts';
import type { ApiRequest } from '../request.ts';
import type { Filter } from './filter.ts';

/** Streams into containers write to them whatever the HTTP method says, so they need `create` (KEP-5465). */
const streams: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward']);

/** Refuses what the authorizer does not allow. */
export function authorization(authorizer: Authorizer): Filter {
  return (request) => {
    const attributes = attributesOf(request);
    if (attributes.path !== undefined && isOpenPath(attributes.path)) return;
    authorize(authorizer, request.user, attributes);
  };
}

function attributesOf({ info, exchange }: ApiRequest): Attributes {
  const { verb, group, resource, subresource, namespace, name } = info;
  if (!info.isResource)
    return { verb, group: '', resource: '', subresource: '', namespace: '', name: '', path: info.path };
  const fieldSelector = exchange.queryText.includes('fieldSelector') ? (exchange.query.get('fieldSelector') ?? '') : '';
  const writes = streams.has(subresource) || (exchange.upgrade !== undefined && subresource === 'proxy');
  return {
    verb: writes ? 'create' : verb,
    group,
    resource,
    subresource,
    namespace,
    name: name || selectedName(verb, fieldSelector),
    ...(fieldSelector && { fieldSelector }),
  };
}
