import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors, nameIsPathSegment } from '../../api/names.ts';
import { sameValue } from '../../api/object-meta.ts';
import type {
  ParamKind,
  ParamRef,
  ValidatingAdmissionPolicySpec,
  Variable,
} from '../../api/types/admissionregistration-v1.gen.ts';
import { named } from '../rules/check.ts';
import { labelSelector } from '../rules/labels.ts';
import { specPath } from '../rules/workloads.ts';
import { defines } from './compiles.ts';
import { Expressions } from './expressions.ts';
import { failurePolicies, matchConditions, matchResources, needed } from './match-rules.ts';

/** What both kinds of policy and their bindings are made of. Source: admissionregistration/validation. */

/** All of a rule's complaints as one. */
function joined(errors: ErrorList, path: FieldPath, value: string, texts: readonly string[], before = ''): void {
  if (texts.length) errors.invalid(path, value, before + texts.join(','));
}

function apiVersion(errors: ErrorList, path: FieldPath, text: string): void {
  const parts = text === '/' ? ['', ''] : text.split('/');
  if (parts.length > 2) {
    errors.invalid(path, text, `unexpected GroupVersion string: ${text}`);
    return;
  }
  const version = parts.at(-1)!;
  const group = parts.length === 2 ? parts[0]! : '';
  if (group) joined(errors, path, group, dns1123SubdomainErrors(group));
  if (version) joined(errors, path, version, dns1035LabelErrors(version));
  else errors.invalid(path, text, 'version must be specified');
}

function paramKind(errors: ErrorList, path: FieldPath, value: ParamKind): void {
  if (value.apiVersion) apiVersion(errors, path.child('apiVersion'), value.apiVersion);
  else errors.required(path.child('apiVersion'));
  const { kind } = value;
  const before = 'may have mixed case, but should otherwise match: ';
  if (kind) joined(errors, path.child('kind'), kind, dns1035LabelErrors(kind.toLowerCase()), before);
  else errors.required(path.child('kind'));
}

const identifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const reserved = new Set([
  'true',
  'false',
  'null',
  'in',
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'let',
  'loop',
  'package',
  'namespace',
  'return',
  'var',
  'void',
  'while',
]);

function variables(errors: ErrorList, path: FieldPath, list: readonly Variable[], expressions: Expressions): void {
  for (const [i, { name, expression }] of list.entries()) {
    const at = path.index(i);
    if (!name.trim()) errors.required(at.child('name'), 'name is not specified');
    else if (!identifier.test(name) || reserved.has(name)) {
      errors.invalid(at.child('name'), name, 'must be a valid CEL identifier');
    }
    if (expression.trim()) defines(errors, at.child('expression'), expressions, name, expression);
    else errors.required(at.child('expression'), 'expression is not specified');
  }
}

type PolicySpec = Pick<
  ValidatingAdmissionPolicySpec,
  'failurePolicy' | 'paramKind' | 'matchConstraints' | 'matchConditions' | 'variables'
>;

/** What both kinds of policy have. `old` is the stored spec on an update: its match conditions were good then. */
export function policySpec(
  errors: ErrorList,
  spec: PolicySpec,
  old: PolicySpec | undefined,
  expressions: Expressions,
): void {
  needed(errors, specPath.child('failurePolicy'), spec.failurePolicy, failurePolicies);
  if (spec.paramKind) paramKind(errors, specPath.child('paramKind'), spec.paramKind);
  const match = specPath.child('matchConstraints');
  if (spec.matchConstraints) {
    matchResources(errors, match, spec.matchConstraints);
    // Without a rule there are no types to check the expressions against.
    if (!spec.matchConstraints.resourceRules?.length) errors.required(match.child('resourceRules'));
  } else errors.required(match);
  const kept = old && sameValue(spec.paramKind, old.paramKind) && sameValue(spec.matchConditions, old.matchConditions);
  if (!kept) {
    const plain = new Expressions({ params: spec.paramKind !== undefined });
    matchConditions(errors, specPath.child('matchConditions'), spec.matchConditions ?? [], plain);
  }
  variables(errors, specPath.child('variables'), spec.variables ?? [], expressions);
}

const exclusive = 'name and selector are mutually exclusive';
const notFoundActions = ['Deny', 'Allow'];

export function paramRef(errors: ErrorList, path: FieldPath, { name, selector, ...ref }: ParamRef): void {
  if (name) {
    named(errors, path.child('name'), name, (text) => nameIsPathSegment(text, false));
    if (selector) errors.forbidden(path.child('name'), exclusive);
  }
  if (selector) {
    labelSelector(errors, path.child('selector'), selector);
    if (name) errors.forbidden(path.child('selector'), exclusive);
  }
  if (!name && !selector) errors.required(path, 'one of name or selector must be specified');
  const at = path.child('parameterNotFoundAction');
  const action = ref.parameterNotFoundAction;
  if (!action) errors.required(at);
  else if (!notFoundActions.includes(action)) errors.notSupported(at, action, notFoundActions, 'given');
}
