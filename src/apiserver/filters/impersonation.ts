import { badRequest } from '../../api/status.ts';
import type { UserInfo } from '../../client/call.ts';
import { type Attributes, type Authorizer, authorize } from '../authz/authorizer.ts';
import type { Exchange } from '../exchange.ts';
import { authenticatedGroup } from '../request.ts';
import type { Filter } from './filter.ts';

const extraPrefix = 'impersonate-extra-';
const accountPrefix = 'system:serviceaccount:';

/** Lets those who may act as somebody else, as `kubectl --as` asks. Source: apiserver `filters/impersonation.go`. */
export function impersonation(authorizer: Authorizer): Filter {
  return (request) => {
    const wanted = wantedUser(request.exchange);
    if (!wanted) return;
    for (const attributes of needed(wanted)) authorize(authorizer, request.user, attributes);
    request.user = withGroups(wanted);
  };
}

function wantedUser(exchange: Exchange): UserInfo | undefined {
  const name = exchange.header('impersonate-user');
  const headers = exchange.headers();
  const groups = valuesOf(headers['impersonate-group']);
  const uid = exchange.header('impersonate-uid');
  if (!name && groups.length === 0 && !uid) return undefined;
  if (!name) throw badRequest(`requested ${JSON.stringify(groups)} without impersonating a user`);
  const extra: Record<string, readonly string[]> = {};
  for (const [key, value] of Object.entries(headers))
    if (key.startsWith(extraPrefix)) extra[decodeURIComponent(key.slice(extraPrefix.length))] = valuesOf(value);
  return { name, groups, ...(uid && { uid }), ...(Object.keys(extra).length > 0 && { extra }) };
}

/** Node joins repeated headers with a comma; a group name with a comma in it cannot be impersonated. */
const valuesOf = (value: string | readonly string[] | undefined): string[] =>
  value === undefined ? [] : (typeof value === 'string' ? value.split(',') : [...value]).map((v) => v.trim());

function* needed(user: UserInfo): Iterable<Attributes> {
  const base = { verb: 'impersonate', group: '', subresource: '', namespace: '' };
  const account = user.name.startsWith(accountPrefix) ? user.name.slice(accountPrefix.length).split(':') : undefined;
  if (account?.length === 2) yield { ...base, resource: 'serviceaccounts', namespace: account[0]!, name: account[1]! };
  else yield { ...base, resource: 'users', name: user.name };
  for (const name of user.groups) yield { ...base, resource: 'groups', name };
  const authn = { ...base, group: 'authentication.k8s.io' };
  if (user.uid) yield { ...authn, resource: 'uids', name: user.uid };
  for (const [key, values] of Object.entries(user.extra ?? {}))
    for (const name of values) yield { ...authn, resource: 'userextras', subresource: key, name };
}

/** The groups an impersonated user has anyway. */
function withGroups(user: UserInfo): UserInfo {
  const groups = new Set(user.groups);
  const account = user.name.startsWith(accountPrefix) ? user.name.slice(accountPrefix.length).split(':') : undefined;
  if (account?.length === 2 && user.groups.length === 0) {
    groups.add('system:serviceaccounts');
    groups.add(`system:serviceaccounts:${account[0]}`);
  }
  if (user.name !== 'system:anonymous') groups.add(authenticatedGroup);
  return { ...user, groups: [...groups] };
}
