import { cel } from '../../api/cel/cel.ts';
import type { CelField, CelObjectType, CelType } from '../../api/cel/cel-type.ts';
import { CelCompileError, type CelEnvironment, type CelProgram } from '../../api/cel/environment.ts';

/**
 * What expressions of webhooks and policies see, and what they must give. Source: apiserver
 * `admission/plugin/cel/compile.go`, `composition.go` and `pkg/cel/mutation`.
 */

const dyn: CelType = { kind: 'dyn' };
const string: CelType = { kind: 'string' };
const bool: CelType = { kind: 'bool' };
const int: CelType = { kind: 'int' };
const timestamp: CelType = { kind: 'timestamp' };
const strings: CelType = { kind: 'list', element: string };
const textMap: CelType = { kind: 'map', key: string, value: string };
const authorizer: CelType = { kind: 'opaque', name: 'kubernetes.authorization.Authorizer' };
const resourceCheck: CelType = { kind: 'opaque', name: 'kubernetes.authorization.ResourceCheck' };

/** An object type out of its fields; those whose name ends in "?" may be missing. */
function objectType(typeName: string, types: Readonly<Record<string, CelType>>): CelObjectType {
  const fields = Object.entries(types).map(([key, type]): [string, CelField] => {
    const name = key.replace('?', '');
    return [name, { name, type, required: name === key }];
  });
  return { kind: 'object', name: typeName, fields: new Map(fields) };
}

const groupVersionKind = objectType('kubernetes.GroupVersionKind', { group: string, version: string, kind: string });
const groupVersionResource = objectType('kubernetes.GroupVersionResource', {
  group: string,
  version: string,
  resource: string,
});
const userInfo = objectType('kubernetes.UserInfo', {
  'username?': string,
  'uid?': string,
  'groups?': strings,
  'extra?': { kind: 'map', key: string, value: strings },
});

export const requestType: CelObjectType = objectType('kubernetes.AdmissionRequest', {
  kind: groupVersionKind,
  resource: groupVersionResource,
  'subResource?': string,
  requestKind: groupVersionKind,
  requestResource: groupVersionResource,
  'requestSubResource?': string,
  name: string,
  'namespace?': string,
  operation: string,
  userInfo,
  'dryRun?': bool,
  'options?': dyn,
});

const namespaceMetadata = objectType('kubernetes.NamespaceMetadata', {
  name: string,
  generateName: string,
  namespace: string,
  labels: textMap,
  annotations: textMap,
  UID: string,
  creationTimestamp: timestamp,
  deletionGracePeriodSeconds: int,
  deletionTimestamp: timestamp,
  generation: int,
  resourceVersion: string,
  finalizers: strings,
});
const namespaceCondition = objectType('kubernetes.NamespaceCondition', {
  status: string,
  type: string,
  lastTransitionTime: timestamp,
  message: string,
  reason: string,
});

export const namespaceType: CelObjectType = objectType('kubernetes.Namespace', {
  metadata: namespaceMetadata,
  spec: objectType('kubernetes.NamespaceSpec', { finalizers: strings }),
  status: objectType('kubernetes.NamespaceStatus', {
    conditions: { kind: 'list', element: namespaceCondition },
    phase: string,
  }),
});

/** What an expression is for: whether it may ask the authorizer and construct patches, and the types it may give. */
interface Purpose {
  readonly authorizer: boolean;
  readonly patches?: boolean;
  /** As cel-go names them; any type unless given. */
  readonly results?: readonly string[];
}

export const purposes = {
  condition: { authorizer: true, results: ['bool'] },
  message: { authorizer: false, results: ['string'] },
  auditAnnotation: { authorizer: true, results: ['string', 'null_type'] },
  variable: { authorizer: true },
  jsonPatch: { authorizer: true, patches: true, results: ['list(JSONPatch)'] },
  applyConfiguration: { authorizer: true, patches: true, results: ['Object'] },
} satisfies Readonly<Record<string, Purpose>>;

export type PurposeName = keyof typeof purposes;

const scalarNames: Readonly<Partial<Record<CelType['kind'], string>>> = {
  null: 'null_type',
  duration: 'google.protobuf.Duration',
  timestamp: 'google.protobuf.Timestamp',
};

/** A type as cel-go's `Type.String` has it. */
function typeName(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list(${typeName(type.element)})`;
    case 'map':
      return `map(${typeName(type.key)}, ${typeName(type.value)})`;
    case 'optional':
      return `optional_type(${typeName(type.of)})`;
    case 'object':
    case 'opaque':
      return type.name;
    default:
      return scalarNames[type.kind] ?? type.kind;
  }
}

/** The types of the objects that expressions see. */
export interface ExpressionTypes {
  readonly object: CelType;
  readonly params: CelType;
}

const untyped: ExpressionTypes = { object: dyn, params: dyn };

/** An expression that cannot be used; the text is upstream's. */
export class ExpressionError extends Error {}

/**
 * The expressions of one webhook or policy. Variables are seen by what is compiled after them, under `variables`, each with
 * the type its own expression has.
 */
export class Expressions {
  readonly #params: boolean;
  readonly #types: ExpressionTypes;
  readonly #variables: Map<string, CelField> | undefined;
  readonly #environments = new Map<string, CelEnvironment>();

  /** `types` says what is known of the objects; nothing unless given. */
  constructor(options: { readonly params: boolean; readonly composed?: boolean; readonly types?: ExpressionTypes }) {
    this.#params = options.params;
    this.#types = options.types ?? untyped;
    this.#variables = options.composed ? new Map() : undefined;
  }

  /** Throws `ExpressionError`. */
  compile(purpose: PurposeName, expression: string): CelProgram {
    const { results }: Purpose = purposes[purpose];
    const program = this.#program(purpose, expression);
    const type = typeName(program.resultType);
    if (!results || results.includes(type)) return program;
    const wanted = results.length === 1 ? results[0] : `one of [${results.join(' ')}]`;
    throw new ExpressionError(`must evaluate to ${wanted} but got ${type}`);
  }

  /** Compiles a variable and lets later expressions see it, as dyn where it is wrong. Throws `ExpressionError`. */
  define(name: string, expression: string): CelProgram {
    try {
      const program = this.compile('variable', expression);
      this.#variables?.set(name, { name, type: program.resultType, required: true });
      return program;
    } catch (error) {
      this.#variables?.set(name, { name, type: dyn, required: true });
      throw error;
    }
  }

  /** What is wrong with an expression of any type, in cel-go's words; undefined when nothing is. */
  complaint(expression: string): string | undefined {
    try {
      this.#environment(purposes.variable).compile(expression);
    } catch (error) {
      if (!(error instanceof CelCompileError)) throw error;
      if (error.stage === 'compilation') return error.message;
    }
    return undefined;
  }

  #program(purpose: PurposeName, expression: string): CelProgram {
    try {
      return this.#environment(purposes[purpose]).compile(expression);
    } catch (error) {
      if (error instanceof CelCompileError) throw new ExpressionError(`${error.stage} failed: ${error.message}`);
      throw error;
    }
  }

  #environment(purpose: Purpose): CelEnvironment {
    const own = this.#variables;
    const key = `${this.#params} ${purpose.authorizer} ${purpose.patches ?? false}`;
    const known = own || this.#types !== untyped ? this.#environments : shared;
    let environment = known.get(key);
    if (!environment) {
      const variables = {
        object: this.#types.object,
        oldObject: this.#types.object,
        namespaceObject: namespaceType,
        request: requestType,
        ...(this.#params && { params: this.#types.params }),
        ...(purpose.authorizer && { authorizer, 'authorizer.requestResource': resourceCheck }),
        ...(own && { variables: { kind: 'object', name: 'kubernetes.variables', fields: own } satisfies CelType }),
      };
      environment = cel.value.celEnvironment(variables, purpose.patches ? cel.value.mutationOptions : {});
      known.set(key, environment);
    }
    return environment;
  }
}

/** Environments without variables of a policy are the same for all. */
const shared = new Map<string, CelEnvironment>();
