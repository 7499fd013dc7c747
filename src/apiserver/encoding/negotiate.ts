import { protobufType } from '../../api/protobuf/envelope.ts';
import { notAcceptable } from '../../api/status.ts';

/** What an answer is turned into before it is written. */
export type Transformation = 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

/** How an answer is to be written. */
export interface Format {
  readonly media: 'json' | 'yaml' | 'protobuf';
  readonly contentType: string;
  /** The transformation asked for; undefined for the objects themselves. */
  readonly as: Transformation | undefined;
  /** The apiVersion of what they are turned into. */
  readonly metaVersion: 'meta.k8s.io/v1' | 'meta.k8s.io/v1beta1';
  /** JSON for human eyes. */
  readonly pretty: boolean;
  /** The Content-Type of a watch; undefined where the format has no way to frame events. */
  readonly watchType: string | undefined;
}

/** Where an answer is written, which limits its formats. */
export interface Place {
  /** Whether its kind has a protobuf form: custom resources have none, but their metadata does. */
  readonly protobuf: boolean;
  /** What it can be turned into: a Status into nothing. */
  readonly transforms: ReadonlySet<string>;
}

const shared = { as: undefined, metaVersion: 'meta.k8s.io/v1', pretty: false } as const;
const json: Format = {
  ...shared,
  media: 'json',
  contentType: 'application/json',
  watchType: 'application/json',
};
const yaml: Format = { ...shared, media: 'yaml', contentType: 'application/yaml', watchType: undefined };
const protobuf: Format = {
  ...shared,
  media: 'protobuf',
  contentType: protobufType,
  watchType: `${protobufType};stream=watch`,
};

/** In the order in which a wildcard finds them. */
const formats: readonly Format[] = [json, yaml, protobuf];
const mediaTypes = formats.map((format) => format.contentType);
const streamTypes = formats.flatMap((format) => (format.watchType ? [`${format.contentType};stream=watch`] : []));

/** The 406 that names what is served. */
export const unacceptable = () => notAcceptable(mediaTypes);
/** The same for a watch. */
export const unacceptableStream = () => notAcceptable(streamTypes);

const places = new Map<Place, Map<string, Format | null>>();
const maxKnown = 512;

const partials = ['PartialObjectMetadata', 'PartialObjectMetadataList'] as const;
const all = new Set<Transformation>(['Table', ...partials]);

/** Objects of built-in kinds, of those that are never read back, and of custom ones. */
export const builtIn: Place = { protobuf: true, transforms: all };
export const writeOnly: Place = { protobuf: true, transforms: new Set<Transformation>(partials) };
export const customResource: Place = { protobuf: false, transforms: all };
/** Documents and errors, which are what they are. */
export const plain: Place = { protobuf: true, transforms: new Set() };

/**
 * Picks the first format of an Accept header that is served there, by weight and order. Throws the 406 Status when none is.
 * Source: apiserver `endpoints/handlers/negotiation` and `rest.go` (AllowsMediaTypeTransform).
 */
export function negotiate(accept: string | undefined, place: Place): Format {
  const format = find(accept, place);
  if (!format) throw unacceptable();
  return format;
}

/** The format of a Status: who accepts none that there is gets JSON all the same. */
export const negotiateFailure = (accept: string | undefined): Format => find(accept, plain) ?? json;

function find(accept: string | undefined, place: Place): Format | null {
  if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json') return json;
  let known = places.get(place);
  if (!known) places.set(place, (known = new Map()));
  let format = known.get(accept);
  if (format === undefined) {
    if (known.size >= maxKnown) known.clear();
    known.set(accept, (format = choose(accept, place)));
  }
  return format;
}

function choose(accept: string, place: Place): Format | null {
  for (const clause of parseAccept(accept)) {
    for (const format of formats) {
      const found = matches(clause.type, format.contentType) && withParams(format, clause.params, place);
      if (found) return found;
    }
  }
  return null;
}

/** The format that a media range finds first, whatever the parameters. */
export const formatIn = (range: string): Format | undefined =>
  formats.find((format) => matches(range, format.contentType));

function matches(range: string, type: string): boolean {
  return range === type || range === '*/*' || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)));
}

/** The format as the parameters of a clause want it; undefined when they want what is not there. */
function withParams(format: Format, params: ReadonlyMap<string, string>, place: Place): Format | undefined {
  const stream = params.get('stream');
  if (stream && (stream !== 'watch' || !format.watchType)) return undefined;
  if (params.get('sv') && params.get('sv') !== 'v1') return undefined;
  const pretty = params.get('pretty') === '1' && format.media === 'json';
  const plain = pretty ? { ...format, pretty } : format;
  const [as, group, version] = [params.get('as'), params.get('g'), params.get('v')];
  if (as === undefined && group === undefined && version === undefined)
    return format.media === 'protobuf' && !place.protobuf ? undefined : plain;
  if (!place.transforms.has(as ?? '') || group !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1'))
    return undefined;
  // Cells are any JSON, which protobuf has no word for.
  if (as === 'Table' && format.media === 'protobuf') return undefined;
  return { ...plain, as: as as Transformation, metaVersion: `meta.k8s.io/${version}` };
}

export interface AcceptClause {
  readonly type: string;
  readonly params: ReadonlyMap<string, string>;
  readonly q: number;
}

const wildcards = (clause: AcceptClause) => (clause.type.match(/\*/g) ?? []).length;

/** The clauses of an Accept header: heavier ones first, then those that are more exact. */
export const parseAccept = (accept: string): AcceptClause[] =>
  accept
    .split(',')
    .map(parseClause)
    .filter((clause) => clause.q > 0)
    .sort((a, b) => b.q - a.q || wildcards(a) - wildcards(b));

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
