import type { ApiRequest } from './request.ts';

const streams: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy']);

/** Requests that last as long as their client wants: watches, streams, proxies and upgrades. They have no deadline. */
export function isLongRunning({ info, exchange }: ApiRequest): boolean {
  if (!info.isResource) return false;
  if (info.verb === 'watch' || streams.has(info.subresource) || exchange.upgrade) return true;
  return info.subresource === 'log' && exchange.query.get('follow') !== null;
}
