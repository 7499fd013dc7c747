import { unauthorized } from '../../api/status.ts';
import type { UserInfo } from '../../client/call.ts';
import type { TokenAuthenticator, TokenUser } from '../authn/authenticator.ts';
import { isOpenPath } from '../authz/open-paths.ts';
import type { Connection } from '../exchange.ts';
import { type ApiRequest, anonymous, authenticatedGroup, credentialIdKey } from '../request.ts';
import type { Filter } from './filter.ts';

/** By what it says nodes that join know the cluster. Whether anybody may read it, its role says. */
const clusterInfo = '/api/v1/namespaces/kube-public/configmaps/cluster-info';

const isForAnybody = (path: string): boolean => isOpenPath(path) || path === clusterInfo;

/**
 * Finds out who asks: a bearer token, else the client certificate, else (for few paths only) nobody. A
 * certificate's user is kept with its connection; tokens are looked at every time, because they can die.
 */
export function authentication(tokens: TokenAuthenticator | undefined): Filter {
  return (request) => {
    const { connection } = request.exchange;
    const header = request.exchange.header('authorization');
    if (header !== undefined) return byToken(tokens, request, header);
    const user = (connection.user ??= byCertificate(connection));
    if (user) request.user = user;
    else if (isForAnybody(request.exchange.path)) request.user = anonymous;
    else throw refused(request);
  };
}

function byToken(tokens: TokenAuthenticator | undefined, request: ApiRequest, header: string): void | Promise<void> {
  const token = /^bearer +(\S+)$/i.exec(header)?.[1];
  const found = token === undefined ? undefined : tokens?.authenticate(token);
  if (found instanceof Promise) return found.then((user) => accept(request, user));
  return accept(request, found);
}

function accept(request: ApiRequest, found: TokenUser | undefined): void {
  if (!found) throw refused(request);
  request.user = found.user;
}

function byCertificate({ certificate }: Connection): UserInfo | undefined {
  if (!certificate) return undefined;
  return {
    name: certificate.commonName,
    groups: [...certificate.organizations, authenticatedGroup],
    extra: { [credentialIdKey]: [`X509SHA256=${certificate.sha256}`] },
  };
}

/** An unauthenticated client gets no second stream on its connection (CVE-2023-44487). */
function refused(request: ApiRequest) {
  if (request.exchange.http2) request.exchange.onEnd(() => request.exchange.connection.retire());
  return unauthorized();
}
