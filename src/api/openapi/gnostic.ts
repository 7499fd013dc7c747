import { PbfWriter } from 'pbf';

/**
 * OpenAPI v2 as protobuf: the messages of gnostic's openapi.v2 package, which kubectl and client-go ask for. Numbers
 * are those of gnostic's OpenAPIv2.proto.
 */

type Json = Record<string, unknown>;
type Write = (value: never, pbf: PbfWriter) => void;

const strings = (values: unknown, number: number, pbf: PbfWriter) => {
  for (const value of (values as string[] | undefined) ?? []) pbf.writeStringField(number, value);
};
const text = (value: unknown, number: number, pbf: PbfWriter) => {
  if (typeof value === 'string') pbf.writeStringField(number, value);
};
const flag = (value: unknown, number: number, pbf: PbfWriter) => {
  if (value === true) pbf.writeBooleanField(number, true);
};
const message = (value: unknown, number: number, pbf: PbfWriter, write: (value: never, pbf: PbfWriter) => void) => {
  if (value !== undefined) pbf.writeMessage(number, write as (v: unknown, p: PbfWriter | undefined) => void, value);
};

/** A map as repeated (name, value) pairs. */
const named = (map: unknown, number: number, pbf: PbfWriter, write: Write) => {
  for (const [name, value] of Object.entries((map as Json | undefined) ?? {}))
    message([name, value] as const, number, pbf, ([n, v]: readonly [string, unknown], p: PbfWriter) => {
      p.writeStringField(1, n);
      message(v, 2, p, write);
    });
};

/** Any value travels as YAML, of which JSON is a part. */
const writeAny = (value: unknown, pbf: PbfWriter) => pbf.writeStringField(2, JSON.stringify(value));

function extensions(object: Json, number: number, pbf: PbfWriter): void {
  for (const key of Object.keys(object)) if (key.startsWith('x-')) named({ [key]: object[key] }, number, pbf, writeAny);
}

/** Limits of a schema by kind of number; zero is as good as none to who reads them. */
const doubles: Readonly<Record<string, number>> = { multipleOf: 6, maximum: 7, minimum: 9 };
const integers: Readonly<Record<string, number>> = {
  maxLength: 11,
  minLength: 12,
  maxItems: 14,
  minItems: 15,
  maxProperties: 17,
  minProperties: 18,
};

function writeLimits(s: Json, pbf: PbfWriter): void {
  for (const [key, number] of Object.entries(doubles))
    if (typeof s[key] === 'number') pbf.writeDoubleField(number, s[key]);
  flag(s['exclusiveMaximum'], 8, pbf);
  flag(s['exclusiveMinimum'], 10, pbf);
  for (const [key, number] of Object.entries(integers))
    if (typeof s[key] === 'number') pbf.writeVarintField(number, s[key]);
  text(s['pattern'], 13, pbf);
  flag(s['uniqueItems'], 16, pbf);
}

function writeExternalDocs(docs: Json, pbf: PbfWriter): void {
  text(docs['description'], 1, pbf);
  text(docs['url'], 2, pbf);
}

function writeSchema(s: Json, pbf: PbfWriter): void {
  text(s['$ref'], 1, pbf);
  text(s['format'], 2, pbf);
  text(s['title'], 3, pbf);
  text(s['description'], 4, pbf);
  message(s['default'], 5, pbf, writeAny);
  writeLimits(s, pbf);
  strings(s['required'], 19, pbf);
  for (const value of (s['enum'] as unknown[] | undefined) ?? []) message(value, 20, pbf, writeAny);
  const rest = s['additionalProperties'];
  if (typeof rest === 'boolean') message(rest, 21, pbf, (v: boolean, p: PbfWriter) => p.writeBooleanField(2, v));
  else message(rest, 21, pbf, (v: Json, p: PbfWriter) => message(v, 1, p, writeSchema));
  message(s['type'], 22, pbf, (v: string, p: PbfWriter) => p.writeStringField(1, v));
  message(s['items'], 23, pbf, (v: Json, p: PbfWriter) => message(v, 1, p, writeSchema));
  message(s['properties'], 25, pbf, (v: Json, p: PbfWriter) => named(v, 1, p, writeSchema));
  message(s['externalDocs'], 29, pbf, writeExternalDocs);
  message(s['example'], 30, pbf, writeAny);
  extensions(s, 31, pbf);
}

function writeBodyParameter(p: Json, pbf: PbfWriter): void {
  text(p['description'], 1, pbf);
  text(p['name'], 2, pbf);
  text(p['in'], 3, pbf);
  flag(p['required'], 4, pbf);
  message(p['schema'], 5, pbf, writeSchema);
}

/** Query and path parameters differ in where the type stands. */
function writePlainParameter(p: Json, pbf: PbfWriter): void {
  flag(p['required'], 1, pbf);
  text(p['in'], 2, pbf);
  text(p['description'], 3, pbf);
  text(p['name'], 4, pbf);
  const inQuery = p['in'] === 'query';
  text(p['type'], inQuery ? 6 : 5, pbf);
  flag(p['uniqueItems'], inQuery ? 20 : 19, pbf);
}

function writeParameter(p: Json, pbf: PbfWriter): void {
  if (p['in'] === 'body') message(p, 1, pbf, writeBodyParameter);
  else
    message(p, 2, pbf, (v: Json, inner: PbfWriter) =>
      message(v, v['in'] === 'query' ? 3 : 4, inner, writePlainParameter),
    );
}

/** A parameter, or a reference to one that is told once. */
const writeParameterItem = (p: Json, pbf: PbfWriter) =>
  typeof p['$ref'] === 'string'
    ? message(p, 2, pbf, (v: Json, inner: PbfWriter) => text(v['$ref'], 1, inner))
    : message(p, 1, pbf, writeParameter);

const writeResponse = (r: Json, pbf: PbfWriter) =>
  message(r, 1, pbf, (v: Json, p: PbfWriter) => {
    text(v['description'], 1, p);
    message(v['schema'], 2, p, (s: Json, inner: PbfWriter) => message(s, 1, inner, writeSchema));
  });

function writeOperation(o: Json, pbf: PbfWriter): void {
  strings(o['tags'], 1, pbf);
  text(o['description'], 3, pbf);
  text(o['operationId'], 5, pbf);
  strings(o['produces'], 6, pbf);
  strings(o['consumes'], 7, pbf);
  for (const p of (o['parameters'] as Json[] | undefined) ?? []) message(p, 8, pbf, writeParameterItem);
  message(o['responses'], 9, pbf, (v: Json, p: PbfWriter) => named(v, 1, p, writeResponse));
  strings(o['schemes'], 10, pbf);
  extensions(o, 13, pbf);
}

const methods: Readonly<Record<string, number>> = { get: 2, put: 3, post: 4, delete: 5, options: 6, head: 7, patch: 8 };

function writePathItem(item: Json, pbf: PbfWriter): void {
  for (const [method, number] of Object.entries(methods)) message(item[method], number, pbf, writeOperation);
  for (const p of (item['parameters'] as Json[] | undefined) ?? []) message(p, 9, pbf, writeParameterItem);
}

/** Encodes an OpenAPI v2 document, or a part of one: parts that follow each other are one document. */
export function encodeOpenApiV2(document: Json): Buffer {
  const pbf = new PbfWriter();
  text(document['swagger'], 1, pbf);
  message(document['info'], 2, pbf, (info: Json, p: PbfWriter) => {
    text(info['title'], 1, p);
    text(info['version'], 2, p);
  });
  message(document['paths'], 8, pbf, (v: Json, p: PbfWriter) => named(v, 2, p, writePathItem));
  message(document['definitions'], 9, pbf, (v: Json, p: PbfWriter) => named(v, 1, p, writeSchema));
  message(document['parameters'], 10, pbf, (v: Json, p: PbfWriter) => named(v, 1, p, writeParameter));
  return Buffer.from(pbf.finish());
}
