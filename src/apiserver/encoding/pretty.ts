import { isTrue } from '../filters/request-info.ts';
import type { ApiRequest } from '../request.ts';
import type { Format } from './negotiate.ts';

/** Programs by which people look at JSON. Source: apiserver `endpoints/handlers/negotiation`, isPrettyPrint. */
const forEyes = /^(?:curl|Wget|Mozilla\/5\.0)/;

/** The format with line breaks, where the query or the program that asks wants them. */
export function prettyFor({ exchange }: ApiRequest, format: Format): Format {
  if (format.media !== 'json' || format.pretty) return format;
  const asked = exchange.queryText === '' ? null : exchange.query.get('pretty');
  const pretty = asked ? isTrue(asked) : forEyes.test(exchange.header('user-agent') ?? '');
  return pretty ? { ...format, pretty } : format;
}
