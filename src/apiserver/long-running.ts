import type { ApiRequest } from './request.ts';

const streams: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy']);

/** Requests that last as long as their client wants: watches, streams and proxies. They have no deadline. */
export function isLongRunning({ info, exchange }: ApiRequest): boolean {
  if (!info.isResource) return false;
  if (info.verb === 'watch' || streams.has(info.subresource)) return true;
  return info.subresource === 'log' && exchange.query.get('follow') !== null;
}
