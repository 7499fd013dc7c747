import type { NamedRuleWithOperations } from '../../../api/types/admissionregistration-v1.gen.ts';
import type { Served } from '../../registry/served.ts';
import type { AdmissionOperation, AdmissionRequest } from '../admission.ts';
import { nameOf } from './target.ts';

/** Which writes the rules of webhooks and policies name. Source: apiserver `admission/plugin/webhook/predicates/rules`. */

/** A rule of a webhook, or one of a policy, which may name objects as well. */
export type Rule = NamedRuleWithOperations;

/** A write as rules see it: of a resource in one version. */
export interface RuledWrite {
  readonly operation: AdmissionOperation;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespaced: boolean;
  readonly name: string;
}

/** A write of a resource, seen as one of an equivalent resource where that is given. */
export const ruledWrite = (request: AdmissionRequest, served: Served = request.asked): RuledWrite => ({
  operation: request.operation,
  group: served.group,
  version: served.version,
  resource: served.resource,
  subresource: request.subresource,
  namespaced: served.namespaced,
  name: nameOf(request),
});

const covers = (items: readonly string[] | undefined, value: string): boolean =>
  items !== undefined && (items.includes('*') || items.includes(value));

function coversScope({ scope }: Rule, { namespaced }: RuledWrite): boolean {
  if (scope === undefined || scope === '*') return true;
  return scope === (namespaced ? 'Namespaced' : 'Cluster');
}

/** "pods" is pods alone, "pods/*" pods and all below, "*" everything but subresources. */
function coversResource({ resources = [] }: Rule, { resource, subresource }: RuledWrite): boolean {
  return resources.some((name) => {
    const slash = name.indexOf('/');
    const [main, part] = slash < 0 ? [name, ''] : [name.slice(0, slash), name.slice(slash + 1)];
    return (main === '*' || main === resource) && (part === '*' || part === subresource);
  });
}

const coversName = ({ resourceNames }: Rule, { name }: RuledWrite): boolean =>
  !resourceNames?.length || resourceNames.includes(name);

/** Whether a rule names a write. */
export const ruleMatches = (rule: Rule, write: RuledWrite): boolean =>
  coversScope(rule, write) &&
  covers(rule.operations, write.operation) &&
  covers(rule.apiGroups, write.group) &&
  covers(rule.apiVersions, write.version) &&
  coversResource(rule, write) &&
  coversName(rule, write);
