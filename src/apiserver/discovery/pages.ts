import { notAcceptable } from '../../api/status.ts';
import { parseClause } from '../encoding/negotiate.ts';
import type { ServedTable } from '../registry/served.ts';
import type { ApiRequest } from '../request.ts';
import { headersFor } from '../respond.ts';
import type { Page } from '../serve.ts';
import { buildDiscovery, type Discovery, type DiscoveryDocument } from './documents.ts';

/** Serves /api, /apis and what lies below them that is not a resource. */
export class DiscoveryPages {
  readonly #table: ServedTable;
  #built: { readonly generation: number; readonly discovery: Discovery } | undefined;

  constructor(table: ServedTable) {
    this.#table = table;
  }

  /** Every path `find` knows. */
  get paths(): readonly string[] {
    return [...this.#discovery().legacy.keys()];
  }

  find(path: string): Page | undefined {
    const plain = path.endsWith('/') && path.length > 1 ? path.slice(0, -1) : path;
    const document = this.#discovery().legacy.get(plain);
    if (!document) return undefined;
    return (request) => {
      const aggregated = this.#aggregated(plain, request.exchange.header('accept'));
      if (aggregated) answer(request, aggregated.document, aggregated.contentType);
      else answer(request, document, 'application/json');
    };
  }

  #aggregated(
    path: string,
    accept: string | undefined,
  ): { document: DiscoveryDocument; contentType: string } | undefined {
    if (!accept) return undefined;
    const clauses = accept
      .split(',')
      .map(parseClause)
      .sort((a, b) => b.q - a.q);
    for (const { type, params } of clauses) {
      if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue;
      if (params.get('as') !== 'APIGroupDiscoveryList') return undefined;
      const version = params.get('v') ?? '';
      const document = this.#discovery().aggregated.get(`${path} ${version}`);
      if (document && params.get('g') === 'apidiscovery.k8s.io')
        return {
          document,
          contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
        };
    }
    throw notAcceptable(['application/json']);
  }

  #discovery(): Discovery {
    if (this.#built?.generation !== this.#table.generation)
      this.#built = { generation: this.#table.generation, discovery: buildDiscovery(this.#table) };
    return this.#built.discovery;
  }
}

function answer(request: ApiRequest, document: DiscoveryDocument, contentType: string): void {
  const headers = headersFor(request, contentType);
  headers['etag'] = document.etag;
  headers['vary'] = 'Accept';
  if (request.exchange.header('if-none-match') === document.etag) request.exchange.respond(304, headers);
  else request.exchange.respond(200, headers, document.body);
}
