import { kindFacts } from '../../api/facts.ts';
import { parseApiVersion } from '../../api/object.ts';
import { encodeProtobuf } from '../../api/protobuf/envelope.ts';
import { dressed } from '../encoding/answer-body.ts';
import type { Body } from '../encoding/body-style.ts';
import { type Format, formatIn, negotiate, parseAccept, plain as plainPlace } from '../encoding/negotiate.ts';
import { prettyFor } from '../encoding/pretty.ts';
import type { ServedTable } from '../registry/served.ts';
import type { ApiRequest } from '../request.ts';
import { headersFor } from '../respond.ts';
import type { Page } from '../serve.ts';
import { buildDiscovery, type Discovery, type DiscoveryDocument } from './documents.ts';
import type { ForeignVersions } from './groups.ts';

/** What is asked for when discovery is to come whole: a list of all groups. Source: apiserver `discovery/aggregated`. */
const list = 'APIGroupDiscoveryList';
const group = 'apidiscovery.k8s.io';

/** Serves /api, /apis and what lies below them that is not a resource. */
export class DiscoveryPages {
  readonly #table: ServedTable;
  readonly #foreign: ForeignVersions;
  #built: { readonly own: number; readonly foreign: number; readonly discovery: Discovery } | undefined;

  constructor(table: ServedTable, foreign: ForeignVersions) {
    this.#table = table;
    this.#foreign = foreign;
  }

  /** Every path `find` knows. */
  get paths(): readonly string[] {
    return [...this.#discovery().legacy.keys()];
  }

  find(path: string): Page | undefined {
    const plain = path.endsWith('/') && path.length > 1 ? path.slice(0, -1) : path;
    const document = this.#discovery().legacy.get(plain);
    if (!document) return undefined;
    return (request) => this.#answer(request, plain, document);
  }

  /** Aggregated for who asks for that anywhere in its Accept header, and can read it; else by itself. */
  #answer(request: ApiRequest, path: string, document: DiscoveryDocument): void {
    const accept = request.exchange.header('accept');
    for (const { type, params } of parseAccept(accept ?? '')) {
      const version = params.get('v') ?? '';
      const all = this.#discovery().aggregated.get(`${path} ${version}`);
      if (!all || params.get('as') !== list || params.get('g') !== group) continue;
      const format = formatIn(type);
      if (!format) continue;
      const contentType = `${format.contentType};g=${group};v=${version};as=${list}`;
      send(request, all, { ...format, contentType }, 'public');
      return;
    }
    send(request, document, negotiate(accept, plainPlace), 'no-cache, private');
  }

  #discovery(): Discovery {
    const [table, foreign] = [this.#table, this.#foreign];
    if (this.#built?.own !== table.generation || this.#built.foreign !== foreign.generation) {
      const discovery = buildDiscovery(table, foreign.versions());
      this.#built = { own: table.generation, foreign: foreign.generation, discovery };
    }
    return this.#built.discovery;
  }
}

function send(request: ApiRequest, document: DiscoveryDocument, negotiated: Format, cacheControl: string): void {
  const format = prettyFor(request, negotiated);
  const headers = headersFor(request, format.contentType);
  headers['cache-control'] = cacheControl;
  headers['etag'] = document.etag;
  headers['vary'] = 'Accept';
  if (request.exchange.header('if-none-match') === document.etag) request.exchange.respond(304, headers);
  else request.exchange.respond(200, headers, bodyOf(document, format));
}

function bodyOf({ value, json }: DiscoveryDocument, format: Format): Body {
  if (format.media !== 'protobuf') return dressed(json, format);
  const { group = '', version = 'v1' } = parseApiVersion(value.apiVersion ?? '') ?? {};
  return encodeProtobuf(kindFacts(group, version, value.kind)!, value);
}
