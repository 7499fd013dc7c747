import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../api/names.ts';
import { sameValue } from '../../api/object-meta.ts';
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
  WebhookClientConfig,
} from '../../api/types/admissionregistration-v1.gen.ts';
import { named, optionalOneOf } from '../rules/check.ts';
import { hasInvalidSelector, labelSelector } from '../rules/labels.ts';
import { webhookService, webhookUrl } from '../rules/webhook-client.ts';
import { Expressions } from './expressions.ts';
import { failurePolicies, matchConditions, matchPolicies, reinvocationPolicies, rule } from './match-rules.ts';

/** Rules of webhook configurations. Source: admissionregistration/validation. */

type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>;

const reviewVersions = ['v1', 'v1beta1'];
const quiet = ['None', 'NoneOnDryRun'];
const sideEffects = ['None', 'NoneOnDryRun', 'Some', 'Unknown'];
const maxTimeout = 30;

/** What stored webhooks break already, so that a change of something else need not mend it. */
interface Tolerated {
  readonly sideEffects: boolean;
  readonly versions: boolean;
  readonly names: boolean;
  readonly selectors: boolean;
  readonly conditions: boolean;
}

const nothing: Tolerated = { sideEffects: false, versions: false, names: false, selectors: false, conditions: false };

const known = (versions: readonly string[]): boolean => versions.some((version) => reviewVersions.includes(version));

function toleratedBy(old: readonly Webhook[], now: readonly Webhook[]): Tolerated {
  const names = old.map((hook) => hook.name);
  return {
    sideEffects: !old.every((hook) => quiet.includes(hook.sideEffects)),
    versions: old.some(({ admissionReviewVersions: list = [] }) => list.length > 0 && !known(list)),
    names: new Set(names).size < names.length,
    selectors: old.some((hook) => hasInvalidSelector(hook.namespaceSelector, hook.objectSelector)),
    conditions:
      old.length === now.length && old.every((hook, i) => sameValue(hook.matchConditions, now[i]?.matchConditions)),
  };
}

/** A name in a domain of its own: at least three segments. Source: apimachinery IsFullyQualifiedName. */
function fullName(errors: ErrorList, path: FieldPath, name: string): void {
  const texts = dns1123SubdomainErrors(name);
  if (!name) errors.required(path);
  else if (texts.length) errors.invalid(path, name, texts.join(','));
  else if (name.split('.').length < 3) {
    errors.invalid(path, name, 'should be a domain with at least three segments separated by dots');
  }
}

function client(errors: ErrorList, path: FieldPath, { url, service }: WebhookClientConfig): void {
  if ((url === undefined) === (service === undefined)) {
    errors.required(path, 'exactly one of url or service is required');
  } else if (url !== undefined) webhookUrl(errors, path.child('url'), url);
  else if (service) webhookService(errors, path.child('service'), service);
}

function effects(errors: ErrorList, path: FieldPath, value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined) errors.required(path, `must specify one of ${allowed.join(', ')}`);
  else optionalOneOf(errors, path, value, allowed);
}

function versions(errors: ErrorList, path: FieldPath, list: readonly string[], tolerated: Tolerated): void {
  if (list.length === 0) {
    errors.required(path, `must specify one of ${reviewVersions.join(', ')}`);
    return;
  }
  const seen = new Set<string>();
  for (const [i, version] of list.entries()) {
    if (seen.has(version)) errors.invalid(path.index(i), version, 'duplicate version');
    else named(errors, path.index(i), version, dns1035LabelErrors);
    seen.add(version);
  }
  if (tolerated.versions || known(list)) return;
  errors.invalid(path, list, `must include at least one of ${reviewVersions.join(', ')}`);
}

function webhook(errors: ErrorList, path: FieldPath, hook: Webhook, tolerated: Tolerated): void {
  fullName(errors, path.child('name'), hook.name);
  for (const [i, item] of (hook.rules ?? []).entries()) rule(errors, path.child('rules').index(i), item);
  optionalOneOf(errors, path.child('failurePolicy'), hook.failurePolicy, failurePolicies);
  optionalOneOf(errors, path.child('matchPolicy'), hook.matchPolicy, matchPolicies);
  effects(errors, path.child('sideEffects'), hook.sideEffects, tolerated.sideEffects ? sideEffects : quiet);
  const seconds = hook.timeoutSeconds;
  if (seconds !== undefined && (seconds < 1 || seconds > maxTimeout)) {
    const text = `the timeout value must be between 1 and ${maxTimeout} seconds`;
    errors.invalid(path.child('timeoutSeconds'), seconds, text);
  }
  for (const field of ['namespaceSelector', 'objectSelector'] as const) {
    labelSelector(errors, path.child(field), hook[field], tolerated.selectors);
  }
  optionalOneOf(errors, path.child('reinvocationPolicy'), hook.reinvocationPolicy, reinvocationPolicies);
  client(errors, path.child('clientConfig'), hook.clientConfig ?? {});
  if (!tolerated.conditions) {
    const at = path.child('matchConditions');
    matchConditions(errors, at, hook.matchConditions ?? [], new Expressions({ params: false }));
  }
  versions(errors, path.child('admissionReviewVersions'), hook.admissionReviewVersions ?? [], tolerated);
}

type Configuration = ValidatingWebhookConfiguration | MutatingWebhookConfiguration;

export function validateWebhooks(object: Configuration, errors: ErrorList, old?: Configuration): void {
  const hooks: readonly Webhook[] = object.webhooks ?? [];
  const tolerated = old ? toleratedBy(old.webhooks ?? [], hooks) : nothing;
  const names = new Set<string>();
  for (const [i, hook] of hooks.entries()) {
    const at = FieldPath.of('webhooks').index(i);
    webhook(errors, at, hook, tolerated);
    if (hook.name && names.has(hook.name) && !tolerated.names) errors.duplicate(at.child('name'), hook.name);
    names.add(hook.name);
  }
}
