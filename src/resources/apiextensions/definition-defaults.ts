import type { Mutable } from '../../api/object.ts';
import { isKnownFormat } from '../../api/structural/formats.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import { specSchemas } from './schema-walk.ts';

/** Defaults, status and warnings of definitions. Source: apiextensions `v1/defaults.go`, customresourcedefinition `strategy.go`. */

const httpsPort = 443;

type Definition = Mutable<CustomResourceDefinition>;

export function definitionDefaults({ spec }: Definition): void {
  const names = spec?.names;
  if (!spec || !names) return;
  if (!names.singular && names.kind) names.singular = names.kind.toLowerCase();
  if (!names.listKind && names.kind) names.listKind = `${names.kind}List`;
  spec.conversion ??= { strategy: 'None' };
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service) service.port ??= httpsPort;
}

/** A version that objects are stored in is remembered for as long as such objects may be left. */
function rememberStorage({ spec, status }: Definition): void {
  const storage = spec.versions?.find((version) => version.storage)?.name;
  if (status && storage && !status.storedVersions?.includes(storage))
    status.storedVersions = [...(status.storedVersions ?? []), storage];
}

export function prepareDefinition(object: Definition): void {
  object.status = { conditions: [], acceptedNames: { plural: '', kind: '' }, storedVersions: [] };
  rememberStorage(object);
}

export function prepareDefinitionUpdate(object: Definition, old: CustomResourceDefinition): void {
  object.status = { ...(old.status as Definition['status']) };
  rememberStorage(object);
}

function unknownFormats(object: CustomResourceDefinition): string[] {
  const formats: string[] = [];
  for (const { format, type } of specSchemas(object.spec))
    if (format && !isKnownFormat(type ? [type] : [], format)) formats.push(format);
  return formats;
}

/** Formats that nobody checks; an update tells only of new ones. */
export function definitionWarnings(
  object: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): string[] {
  const before = new Set(old ? unknownFormats(old) : []);
  return unknownFormats(object)
    .filter((format) => !before.has(format))
    .map((format) => `unrecognized format ${JSON.stringify(format)}`);
}
