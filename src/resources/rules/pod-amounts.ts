import { addQuantities, compareQuantities } from '../../api/quantity.ts';
import type { Container, PodSpec } from '../../api/types/core-v1.gen.ts';

/** What all containers of a pod need together. Source: component-helpers `resource`, PodRequests and PodLimits. */

export type Amounts = Record<string, string>;
export type ReadonlyAmounts = Readonly<Record<string, string>>;
type AmountsOf = (container: Container) => ReadonlyAmounts;

export const requestsOf: AmountsOf = ({ resources }) => (resources?.requests ?? {}) as ReadonlyAmounts;
export const limitsOf: AmountsOf = ({ resources }) => (resources?.limits ?? {}) as ReadonlyAmounts;

export function addAmounts(total: Amounts, more: ReadonlyAmounts): void {
  for (const name in more)
    total[name] = Object.hasOwn(total, name) ? addQuantities(total[name]!, more[name]!) : more[name]!;
}

/** Raises each amount of `total` to that of `floor`. */
export function raiseAmounts(total: Amounts, floor: ReadonlyAmounts): void {
  for (const name in floor) {
    if (!Object.hasOwn(total, name) || compareQuantities(floor[name]!, total[name]!) > 0) total[name] = floor[name]!;
  }
}

const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';

/** The apps with their sidecars, or the hungriest moment of initialization, whichever is more. */
export function together(spec: PodSpec, amountsOf: AmountsOf): Amounts {
  const total: Amounts = {};
  for (const container of spec.containers ?? []) addAmounts(total, amountsOf(container));
  const sidecars: Amounts = {};
  const initial: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    if (isSidecar(container)) {
      addAmounts(total, amountsOf(container));
      addAmounts(sidecars, amountsOf(container));
      raiseAmounts(initial, sidecars);
    } else {
      const moment = { ...amountsOf(container) };
      addAmounts(moment, sidecars);
      raiseAmounts(initial, moment);
    }
  }
  raiseAmounts(total, initial);
  return total;
}

/** As `together`; what is said of the pod as a whole (`level`) stands in the place of that sum. */
export function ofPod(spec: PodSpec, amountsOf: AmountsOf, level: 'requests' | 'limits'): Amounts {
  return Object.assign(together(spec, amountsOf), spec.resources?.[level]);
}
