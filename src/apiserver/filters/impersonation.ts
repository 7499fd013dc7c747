import { badRequest } from '../../api/status.ts';
import type { UserInfo } from '../../client/call.ts';
import { type Attributes, type Authorizer, authorize } from '../authz/authorizer.ts';
import type { Exchange } from '../exchange.ts';
import { anonymous, authenticatedGroup, unauthenticatedGroup } from '../request.ts';
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

/** Whom the headers name; undefined when they name nobody. Source: apiserver `filters/impersonation`. */
function wantedUser(exchange: Exchange): UserInfo | undefined {
  if (!asksForSomebody(exchange.headers())) return undefined;
  const sent = exchange.distinctHeaders();
  const name = sent['impersonate-user']?.[0] ?? '';
  const uid = sent['impersonate-uid']?.[0] ?? '';
  const groups = sent['impersonate-group'] ?? [];
  const extra: Record<string, readonly string[]> = {};
  for (const [header, values] of Object.entries(sent))
    if (values && header.startsWith(extraPrefix)) extra[unescaped(header.slice(extraPrefix.length))] = values;
  const extraKeys = Object.keys(extra).sort();
  if (!name && (uid || groups.length > 0 || extraKeys.length > 0)) {
    const texts = extraKeys.map((key) => `${JSON.stringify(key)}:${goStrings(extra[key]!)}`);
    const goExtra = texts.length > 0 ? `{${texts.join(', ')}}` : '(nil)';
    const fields = `Name:"", UID:${JSON.stringify(uid)}, Groups:${goStrings(groups)}, Extra:map[string][]string${goExtra}`;
    throw badRequest(`requested &user.DefaultInfo{${fields}} without impersonating a user name`);
  }
  return name ? { name, groups, ...(uid && { uid }), ...(extraKeys.length > 0 && { extra }) } : undefined;
}

/** Almost no request does, so this comes before anything is taken apart. */
function asksForSomebody(headers: Readonly<Record<string, unknown>>): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true;
  return false;
}

const goStrings = (values: readonly string[]): string =>
  values.length > 0 ? `[]string{${values.map((v) => JSON.stringify(v)).join(', ')}}` : '[]string(nil)';

/** The key of an extra value; one that is not well escaped stands for itself. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function* needed(user: UserInfo): Iterable<Attributes> {
  const base = { verb: 'impersonate', group: '', subresource: '', namespace: '' };
  const account = accountOf(user.name);
  if (account) yield { ...base, resource: 'serviceaccounts', ...account };
  else yield { ...base, resource: 'users', name: user.name };
  for (const name of user.groups) yield { ...base, resource: 'groups', name };
  const authn = { ...base, group: 'authentication.k8s.io' };
  if (user.uid) yield { ...authn, resource: 'uids', name: user.uid };
  for (const [key, values] of Object.entries(user.extra ?? {}))
    for (const name of values) yield { ...authn, resource: 'userextras', subresource: key, name };
}

/** The service account a user name stands for. */
function accountOf(user: string): { namespace: string; name: string } | undefined {
  if (!user.startsWith(accountPrefix)) return undefined;
  const [namespace, name, more] = user.slice(accountPrefix.length).split(':');
  return namespace && name && more === undefined ? { namespace, name } : undefined;
}

/** The groups an impersonated user has anyway. */
function withGroups(user: UserInfo): UserInfo {
  const groups = [...user.groups];
  const account = accountOf(user.name);
  if (account && groups.length === 0)
    groups.push('system:serviceaccounts', `system:serviceaccounts:${account.namespace}`);
  const nobody = user.name === anonymous.name;
  if (!groups.includes(unauthenticatedGroup) && (nobody || !groups.includes(authenticatedGroup)))
    groups.push(nobody ? unauthenticatedGroup : authenticatedGroup);
  return { ...user, groups };
}
