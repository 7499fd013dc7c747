import type { Mutable } from '../../api/object.ts';
import type {
  MatchResources,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingWebhookConfiguration,
  RuleWithOperations,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '../../api/types/admissionregistration-v1.gen.ts';

/** Defaults of whatever takes part in admission. Source: admissionregistration/v1 defaults. */

const httpsPort = 443;
const timeoutSeconds = 10;

function scopes(rules: Mutable<RuleWithOperations>[] | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= '*';
}

function webhook(hook: Mutable<ValidatingWebhook>): void {
  hook.failurePolicy ??= 'Fail';
  hook.matchPolicy ??= 'Equivalent';
  hook.namespaceSelector ??= {};
  hook.objectSelector ??= {};
  hook.timeoutSeconds ??= timeoutSeconds;
  if (hook.clientConfig?.service) hook.clientConfig.service.port ??= httpsPort;
  scopes(hook.rules);
}

export function validatingWebhookDefaults(object: Mutable<ValidatingWebhookConfiguration>): void {
  for (const hook of object.webhooks ?? []) webhook(hook);
}

export function mutatingWebhookDefaults(object: Mutable<MutatingWebhookConfiguration>): void {
  for (const hook of object.webhooks ?? []) {
    webhook(hook);
    hook.reinvocationPolicy ??= 'Never';
  }
}

function matching(resources: Mutable<MatchResources> | undefined): void {
  if (!resources) return;
  resources.matchPolicy ??= 'Equivalent';
  resources.namespaceSelector ??= {};
  resources.objectSelector ??= {};
  scopes(resources.resourceRules);
  scopes(resources.excludeResourceRules);
}

type Policy = ValidatingAdmissionPolicy | MutatingAdmissionPolicy;

export function policyDefaults(object: Mutable<Policy>): void {
  const spec = (object.spec ??= {});
  spec.failurePolicy ??= 'Fail';
  matching(spec.matchConstraints);
}

export function bindingDefaults(
  object: Mutable<ValidatingAdmissionPolicyBinding> | Mutable<MutatingAdmissionPolicyBinding>,
): void {
  matching(object.spec?.matchResources);
}
