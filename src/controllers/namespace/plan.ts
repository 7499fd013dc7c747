import type { Namespace, NamespaceCondition, NamespaceStatus } from '../../api/types/core-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { undiscoveredText } from '../foreign-resources.ts';

/** The finalizer in `spec.finalizers` that this controller takes off when a namespace is empty. */
export const kubernetesFinalizer = 'kubernetes';

/** What is left of one resource in a namespace. */
export interface Remainder {
  readonly group: string;
  readonly resource: string;
  readonly count: number;
  /** Finalizers of the remaining objects, with how many carry each. */
  readonly finalizers: ReadonlyMap<string, number>;
}

/** What one attempt at emptying a namespace found. */
export interface Findings {
  readonly remainders: readonly Remainder[];
  /** Texts of deletions that failed. */
  readonly failures: readonly string[];
  /** Group versions of servers that could not be asked what they serve. */
  readonly undiscovered: readonly string[];
}

type Finding = Pick<NamespaceCondition, 'type' | 'status' | 'reason' | 'message'>;

/** The status of a namespace being deleted. */
export function terminatingStatus(namespace: Namespace, findings: Findings | undefined, now: number): NamespaceStatus {
  const status = { ...namespace.status, phase: 'Terminating' as const };
  if (!findings) return status;
  let conditions = namespace.status?.conditions ?? [];
  for (const finding of conditionsOf(findings)) conditions = withCondition(conditions, finding, now);
  return { ...status, conditions };
}

function conditionsOf({ remainders, failures, undiscovered }: Findings): Finding[] {
  const left = remainders.filter((r) => r.count > 0);
  return [
    undiscovered.length > 0
      ? wrong(
          'NamespaceDeletionDiscoveryFailure',
          'DiscoveryFailed',
          `Discovery failed for some groups, ${undiscovered.length} failing: ${undiscoveredText(undiscovered)}`,
        )
      : fine('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
    fine(
      'NamespaceDeletionGroupVersionParsingFailure',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    failures.length > 0
      ? wrong(
          'NamespaceDeletionContentFailure',
          'ContentDeletionFailed',
          `Failed to delete all resource types, ${failures.length} remaining: ${failures.toSorted().join(', ')}`,
        )
      : fine(
          'NamespaceDeletionContentFailure',
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        ),
    left.length > 0
      ? wrong(
          'NamespaceContentRemaining',
          'SomeResourcesRemain',
          `Some resources are remaining: ${remainingText(left)}`,
        )
      : fine('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'),
    finalizersFinding(left),
  ];
}

const fine = (type: string, reason: string, message: string): Finding => ({ type, status: 'False', reason, message });
const wrong = (type: string, reason: string, message: string): Finding => ({ type, status: 'True', reason, message });

function remainingText(left: readonly Remainder[]): string {
  return left
    .map((r) => `${r.resource}.${r.group} has ${r.count} resource instances`)
    .toSorted()
    .join(', ');
}

function finalizersFinding(left: readonly Remainder[]): Finding {
  const totals = new Map<string, number>();
  for (const { finalizers } of left) {
    for (const [name, count] of finalizers) totals.set(name, (totals.get(name) ?? 0) + count);
  }
  const type = 'NamespaceFinalizersRemaining';
  if (totals.size === 0) return fine(type, 'ContentHasNoFinalizers', 'All content-preserving finalizers finished');
  const texts = [...totals].map(([name, count]) => `${name} in ${count} resource instances`).toSorted();
  return wrong(
    type,
    'SomeFinalizersRemain',
    `Some content in the namespace has finalizers remaining: ${texts.join(', ')}`,
  );
}

function withCondition(
  conditions: readonly NamespaceCondition[],
  finding: Finding,
  now: number,
): readonly NamespaceCondition[] {
  const current = conditions.find((c) => c.type === finding.type);
  if (!current) return [...conditions, { ...finding, lastTransitionTime: timestamp(now) }];
  const same =
    current.status === finding.status && current.reason === finding.reason && current.message === finding.message;
  if (same) return conditions;
  const moved = current.status !== finding.status || current.reason !== finding.reason;
  const since = moved ? timestamp(now) : current.lastTransitionTime;
  return conditions.map((c) => (c === current ? { ...finding, ...(since && { lastTransitionTime: since }) } : c));
}
