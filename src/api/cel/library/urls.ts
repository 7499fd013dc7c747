import { type Declaration, fn, method } from '../check/declaration.ts';
import { listOf, mapOf, structNamed, types } from '../check/type.ts';
import { Fault, fail } from '../values/fault.ts';
import { ValueList } from '../values/list.ts';
import { ValueMap } from '../values/map.ts';
import { type CelMap, Opaque, type Value } from '../values/value.ts';
import {
  escapedPath,
  formatUrl,
  hostname,
  type ParsedUrl,
  parseRequestUri,
  parseUrl,
  portOf,
  queryOf,
} from './url-parse.ts';

/** URLs. Source: apiserver `pkg/cel/library/urls.go`. */

const { string, bool } = types;
const urlType = structNamed('kubernetes.URL');

class Url extends Opaque {
  readonly typeName = urlType.name;
  readonly parsed: ParsedUrl;

  constructor(parsed: ParsedUrl) {
    super();
    this.parsed = parsed;
  }

  equals(other: Value): boolean {
    return other instanceof Url && formatUrl(this.parsed) === formatUrl(other.parsed);
  }

  toJson(): string {
    return formatUrl(this.parsed);
  }
}

function url(text: string): Url {
  try {
    parseRequestUri(text);
    return new Url(parseUrl(text));
  } catch (error) {
    if (error instanceof Fault) return fail(`URL parse error during conversion from string: ${error.message}`);
    throw error;
  }
}

function isUrl(text: string): boolean {
  try {
    parseRequestUri(text);
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

const query = ({ parsed }: Url): CelMap =>
  ValueMap.of(Array.from(queryOf(parsed), ([name, values]) => [name, new ValueList(values)] as const));

export const urls: readonly Declaration[] = [
  fn('url', 'string_to_url', [string], urlType, url),
  fn('isURL', 'is_url_string', [string], bool, isUrl),
  method('getScheme', 'url_get_scheme', [urlType], string, ({ parsed }: Url) => parsed.scheme),
  method('getHost', 'url_get_host', [urlType], string, ({ parsed }: Url) => parsed.host),
  method('getHostname', 'url_get_hostname', [urlType], string, ({ parsed }: Url) => hostname(parsed)),
  method('getPort', 'url_get_port', [urlType], string, ({ parsed }: Url) => portOf(parsed)),
  method('getEscapedPath', 'url_get_escaped_path', [urlType], string, ({ parsed }: Url) => escapedPath(parsed)),
  method('getQuery', 'url_get_query', [urlType], mapOf(string, listOf(string)), query),
];
