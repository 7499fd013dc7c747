import { badRequest } from '../../api/status.ts';
import type { ServedTable } from '../registry/served.ts';
import { requestInfo } from '../request-info.ts';
import type { Filter } from './filter.ts';

/** Reads what the path asks for and looks the resource up. */
export const requestInfoFilter =
  (table: ServedTable): Filter =>
  (request) => {
    const { exchange } = request;
    try {
      request.info = requestInfo(exchange.method, exchange.path, () => asksWatch(exchange.queryText, exchange));
    } catch (error) {
      if (!(error instanceof URIError)) throw error;
      throw badRequest(`the path ${JSON.stringify(exchange.path)} is not validly percent-encoded`);
    }
    const { isResource, group, version, resource } = request.info;
    if (isResource) request.served = table.find(group, version, resource);
  };

function asksWatch(text: string, exchange: { readonly query: URLSearchParams }): boolean {
  if (!text.includes('watch')) return false;
  const value = exchange.query.get('watch');
  return value !== null && isTrue(value);
}

/** A boolean of a query, as Go's conversion reads it: anything but "0" and "false" is true. */
export const isTrue = (value: string) => value !== '0' && value.toLowerCase() !== 'false';
