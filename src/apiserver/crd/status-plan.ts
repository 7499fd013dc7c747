import type { CustomResourceDefinition, CustomResourceDefinitionStatus } from '../../api/types/apiextensions-v1.gen.ts';
import { caBundleFailure } from '../../resources/rules/webhook-client.ts';
import { approvalCondition } from './approval.ts';
import { type Condition, findCondition, isTrue, withCondition, withoutCondition } from './definition.ts';
import { judgeNames, type NameBook } from './names.ts';
import { structureCondition } from './structure.ts';

export interface PlanInput {
  readonly crd: CustomResourceDefinition;
  /** Who has which names. */
  readonly names: NameBook;
  /** Wall time. */
  readonly now: number;
}

/**
 * The status a definition should have: names, whether it is served, and what is wrong with it. The very status it has when
 * there is nothing to write. Upstream spreads this over four controllers, each with a write of its own.
 * Source: apiextensions `controller/{status,establish,nonstructuralschema,apiapproval}`.
 */
export function planStatus(input: PlanInput): CustomResourceDefinitionStatus {
  const { crd, now } = input;
  let status = withNames(crd.status ?? {}, input);
  for (const condition of [establishedCondition(crd, status), approvalCondition(crd)])
    if (condition) status = withCondition(status, condition, now);
  const structure = structureCondition(crd);
  return structure ? withCondition(status, structure, now) : withoutCondition(status, 'NonStructuralSchema');
}

function withNames(status: CustomResourceDefinitionStatus, { crd, names, now }: PlanInput) {
  if (crd.status && sameNames(crd.spec.names, crd.status.acceptedNames) && findCondition(status, 'NamesAccepted'))
    return status;
  const { accepted, condition } = judgeNames(crd, names);
  const named = sameNames(accepted, status.acceptedNames)
    ? status
    : { ...status, acceptedNames: accepted as CustomResourceDefinition['spec']['names'] };
  return withCondition(named, condition, now);
}

const fields = ['plural', 'singular', 'kind', 'listKind'] as const;
const lists = ['shortNames', 'categories'] as const;
type Names = Partial<CustomResourceDefinition['spec']['names']>;

function sameNames(a: Names, b: Names | undefined): boolean {
  if (!b || fields.some((field) => (a[field] ?? '') !== (b[field] ?? ''))) return false;
  return lists.every((field) => (a[field] ?? []).join() === (b[field] ?? []).join());
}

/** Once established, a definition stays so whatever its names become. */
function establishedCondition(
  crd: CustomResourceDefinition,
  status: CustomResourceDefinitionStatus,
): Condition | undefined {
  const type = 'Established';
  if (isTrue(crd, type)) return undefined;
  if (findCondition(status, 'NamesAccepted')?.status !== 'True')
    return { type, status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
  const bundle = crd.spec.conversion?.webhook?.clientConfig?.caBundle;
  if (bundle && caBundleFailure(bundle) !== '')
    return { type, status: 'False', reason: 'InvalidCABundle', message: 'The conversion webhook CABundle is invalid' };
  return { type, status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' };
}
