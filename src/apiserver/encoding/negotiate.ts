import { notAcceptable } from '../../api/status.ts';

/** How an answer is to be written. */
export interface Format {
  readonly media: 'json' | 'yaml';
  /** The transformation asked for; undefined for the objects themselves. */
  readonly as: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | undefined;
  readonly contentType: string;
}

const plainJson: Format = { media: 'json', as: undefined, contentType: 'application/json' };
const plainYaml: Format = { media: 'yaml', as: undefined, contentType: 'application/yaml' };
const transformations: readonly string[] = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'];
/** What upstream names in a 406. */
const served = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

const known = new Map<string, Format | null>();
const maxKnown = 512;

/** Picks the first format of an Accept header that is served, by weight and order. Throws the 406 Status when none is. */
export function negotiate(accept: string | undefined): Format {
  if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json') return plainJson;
  let format = known.get(accept);
  if (format === undefined) {
    if (known.size >= maxKnown) known.clear();
    known.set(accept, (format = choose(accept)));
  }
  if (!format) throw notAcceptable(served);
  return format;
}

function choose(accept: string): Format | null {
  const clauses = accept
    .split(',')
    .map(parseClause)
    .filter((clause) => clause.q > 0)
    .sort((a, b) => b.q - a.q);
  for (const { type, params } of clauses) {
    const base =
      type === 'application/json' || type === '*/*' || type === 'application/*'
        ? plainJson
        : type === 'application/yaml'
          ? plainYaml
          : undefined;
    if (!base) continue;
    const as = params.get('as');
    if (as === undefined) return base;
    if (!transformations.includes(as) || params.get('g') !== 'meta.k8s.io' || params.get('v') !== 'v1') continue;
    return { ...base, as: as as Format['as'] };
  }
  return null;
}

export interface AcceptClause {
  readonly type: string;
  readonly params: ReadonlyMap<string, string>;
  readonly q: number;
}

/** One part of an Accept header, or a Content-Type. */
export function parseClause(text: string): AcceptClause {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const params = new Map<string, string>();
  for (const part of rest) {
    const at = part.indexOf('=');
    if (at > 0) params.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim());
  }
  const q = Number(params.get('q') ?? '1');
  return { type: type.toLowerCase(), params, q: Number.isNaN(q) ? 1 : q };
}
