import type { Mutable } from '../../../api/object.ts';
import type { Container, LimitRangeItem, Pod } from '../../../api/types/core-v1.gen.ts';
import type { Amounts, ReadonlyAmounts } from '../../../resources/rules/pod-amounts.ts';

/** Says on a pod which amounts it did not ask for itself. */
const annotation = 'kubernetes.io/limit-ranger';

/** Where containers are, and what upstream calls them there. */
const kinds = [
  ['containers', 'container'],
  ['initContainers', 'init container'],
] as const;

const merged = (items: readonly LimitRangeItem[], field: 'default' | 'defaultRequest'): ReadonlyAmounts =>
  Object.assign({}, ...items.filter(({ type }) => type === 'Container').map((item) => item[field]));

/** Fills in what containers leave open from the items for containers, and says so in an annotation. */
export function giveDefaults(pod: Mutable<Pod>, items: readonly LimitRangeItem[]): void {
  const limits = merged(items, 'default');
  const requests = merged(items, 'defaultRequest');
  const given = kinds.flatMap(([field, title]) =>
    ((pod.spec?.[field] ?? []) as Mutable<Container>[]).flatMap((container) => [
      ...fill(container, 'requests', requests, `request for ${title} ${container.name}`),
      ...fill(container, 'limits', limits, `limit for ${title} ${container.name}`),
    ]),
  );
  if (given.length === 0) return;
  const metadata = (pod.metadata ??= {}) as { annotations?: Record<string, string> };
  metadata.annotations = { ...metadata.annotations, [annotation]: `LimitRanger plugin set: ${given.join('; ')}` };
}

/** Sets what is not set; tells what that was, as upstream words it. */
function fill(
  container: Mutable<Container>,
  field: 'requests' | 'limits',
  defaults: ReadonlyAmounts,
  title: string,
): string[] {
  const own = container.resources?.[field] as ReadonlyAmounts | undefined;
  const missing = Object.keys(defaults).filter((name) => own === undefined || !Object.hasOwn(own, name));
  if (missing.length === 0) return [];
  const amounts: Amounts = { ...own };
  for (const name of missing) amounts[name] = defaults[name]!;
  container.resources = { ...container.resources, [field]: amounts };
  return [`${missing.sort().join(', ')} ${title}`];
}
