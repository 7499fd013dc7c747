import { parse } from 'yaml';
import { ErrorList } from '../../../../src/api/field-errors.ts';
import { type KubeObject, type Mutable, thaw } from '../../../../src/api/object.ts';
import { customResourceDefinition as resource } from '../../../../src/resources/apiextensions/custom-resource-definition.ts';
import { context } from '../rules-kit.ts';

type Definition = Mutable<KubeObject>;
type Tree = Record<string, unknown>;

/** A definition of widgets with this version, which is `{name: v1, served: true, storage: true}` and more. */
export function definition(version: Tree, spec: Tree = {}, metadata: Tree = {}): Definition {
  const v1 = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } }, ...version };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com', ...metadata },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [v1],
      ...spec,
    },
  } as Definition;
}

/** A definition whose schema is written as YAML. */
export const withSchema = (yaml: string, version: Tree = {}): Definition =>
  definition({ schema: { openAPIV3Schema: parse(yaml) }, ...version });

/** What the kind makes of a new definition. */
export function create(object: Definition): { object: Definition; errors: string[] } {
  const errors = new ErrorList();
  resource.defaults?.(object);
  resource.prepareCreate?.(object, context);
  resource.validateCreate?.(object as KubeObject, errors);
  return { object, errors: errors.errors.map(({ text }) => text) };
}

export const refusals = (object: Definition): string[] => create(object).errors;

/** What a change of a definition is refused for. `stored`: edits the old state without any check. */
export function update(
  before: Definition,
  change: (object: Definition) => void,
  stored: (object: Definition) => void = () => {},
): { object: Definition; errors: string[] } {
  const old = create(before).object;
  stored(old);
  const object = thaw(old) as Definition;
  change(object);
  const errors = new ErrorList();
  resource.defaults?.(object);
  resource.prepareUpdate?.(object, old as KubeObject, context);
  resource.validateUpdate?.(object as KubeObject, old as KubeObject, errors);
  return { object, errors: errors.errors.map(({ text }) => text) };
}

/** The path of the schema that all versions share, as upstream names it. */
export const schemaPath = 'spec.validation.openAPIV3Schema';
