import { unauthorized } from '../../api/status.ts';
import type { Clock } from '../../base/clock.ts';
import type { UserInfo } from '../../client/call.ts';
import type { TokenVerifier } from '../authn/authenticator.ts';
import type { Connection } from '../exchange.ts';
import { type ApiRequest, anonymous, authenticatedGroup } from '../request.ts';
import type { Filter } from './filter.ts';

/** Paths that answer everyone, so that probes need no credential. */
const open: ReadonlySet<string> = new Set(['healthz', 'livez', 'readyz', 'version']);
const isOpen = (path: string) => open.has(path.split('/')[1] ?? '');

/**
 * Finds out who asks: a bearer token, else the client certificate, else (for health and version only) nobody. The result
 * is kept with the connection, so that a busy one is authenticated once.
 */
export function authentication(clock: Clock, verifier: TokenVerifier | undefined): Filter {
  return (request) => {
    const { connection } = request.exchange;
    const header = request.exchange.header('authorization');
    const kept = connection.authenticated;
    if (kept && kept.credential === (header ?? '') && clock.wall() < kept.until) {
      request.user = kept.user;
      return;
    }
    if (header !== undefined) return byToken(clock, verifier, request, header);
    const user = byCertificate(connection);
    if (user) {
      request.user = user;
      connection.authenticated = { credential: '', user, until: Number.POSITIVE_INFINITY };
    } else if (isOpen(request.exchange.path)) request.user = anonymous;
    else throw refused(request);
  };
}

async function byToken(
  clock: Clock,
  verifier: TokenVerifier | undefined,
  request: ApiRequest,
  header: string,
): Promise<void> {
  const token = /^bearer +(\S+)$/i.exec(header)?.[1];
  const found = token ? await verifier?.verify(token) : undefined;
  if (!found || found.until <= clock.wall()) throw refused(request);
  request.user = found.user;
  request.exchange.connection.authenticated = { credential: header, user: found.user, until: found.until };
}

function byCertificate({ certificate }: Connection): UserInfo | undefined {
  if (!certificate) return undefined;
  return { name: certificate.commonName, groups: [...certificate.organizations, authenticatedGroup] };
}

/** An unauthenticated client gets no second stream on its connection (CVE-2023-44487). */
function refused(request: ApiRequest) {
  if (request.exchange.http2) request.exchange.onEnd(() => request.exchange.connection.retire());
  return unauthorized();
}
