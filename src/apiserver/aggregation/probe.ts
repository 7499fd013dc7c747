import type { UserInfo } from '../../client/call.ts';
import type { ForeignApi } from './foreign-api.ts';
import { type ForeignClient, unreachableText } from './foreign-client.ts';
import { hostPort, type ServiceAddress } from './service-address.ts';
import { userHeaders } from './user-headers.ts';

/** Who asks other servers on this server's own behalf: one that may ask everything. */
export const aggregatorUser: UserInfo = { name: 'system:kube-aggregator', groups: ['system:masters'] };

/** How often a server is asked at once: behind a Service with several, one that answers will do. */
const attempts = 5;
/** Milliseconds. */
const timeout = 5_000;

/**
 * Asks a server for its list of resources, whatever certificate it has. Rejects with upstream's text when none of several
 * attempts is answered well. Source: kube-aggregator `remote_available_controller.go`.
 */
export async function probe(client: ForeignClient, api: ForeignApi): Promise<void> {
  try {
    await Promise.any(Array.from({ length: attempts }, () => attempt(client, api)));
  } catch (error) {
    throw (error as AggregateError).errors.at(-1);
  }
}

async function attempt(client: ForeignClient, api: ForeignApi): Promise<void> {
  const address = client.resolve(api);
  const url = `https://${hostPort(address)}${api.path}`;
  const failed = (text: string) => new Error(`failing or missing response from ${url}: ${text}`);
  const code = await codeOf(client, api, address).catch((error) => {
    throw failed(`Get ${JSON.stringify(url)}: ${unreachableText(api, address, error)}`);
  });
  if (code < 200 || code > 299) throw failed(`bad status from ${url}: ${code}`);
}

async function codeOf(client: ForeignClient, api: ForeignApi, address: ServiceAddress): Promise<number> {
  const headers = userHeaders(aggregatorUser);
  return (await client.ask(api, { path: api.path, headers, address, trusting: true }, timeout)).code;
}
