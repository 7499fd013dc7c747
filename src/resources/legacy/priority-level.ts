import type { KubeObject, Mutable } from '../../api/object.ts';
import type { Differences } from './old-version.ts';

/**
 * Shares of a priority level: older versions cannot tell zero from unset, and the oldest call them otherwise.
 * Source: kubernetes `pkg/apis/flowcontrol/v1beta{1,2,3}/{conversion,defaults}.go`.
 */
const keepZero = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares';
const defaultShares = 30;

interface Limited {
  nominalConcurrencyShares?: number;
  assuredConcurrencyShares?: number;
}

const limitedOf = (object: Mutable<KubeObject>): Limited | undefined =>
  (object['spec'] as { limited?: Limited } | undefined)?.limited;

export const v1beta3PriorityLevel: Differences = {
  toStorage: (object) => {
    const limited = limitedOf(object);
    const { [keepZero]: kept, ...annotations } = object.metadata.annotations ?? {};
    if (kept !== undefined) object.metadata.annotations = annotations;
    if (limited && !limited.nominalConcurrencyShares)
      limited.nominalConcurrencyShares = kept === undefined ? defaultShares : 0;
  },
  fromStorage: (object) => {
    if (limitedOf(object)?.nominalConcurrencyShares === 0)
      object.metadata.annotations = { ...object.metadata.annotations, [keepZero]: '' };
  },
};

/** v1beta1 and v1beta2. */
export const assuredPriorityLevel: Differences = {
  toStorage: (object) => {
    const limited = limitedOf(object);
    if (!limited) return;
    limited.nominalConcurrencyShares = limited.assuredConcurrencyShares || defaultShares;
    delete limited.assuredConcurrencyShares;
  },
  fromStorage: (object) => {
    const limited = limitedOf(object);
    if (limited?.nominalConcurrencyShares !== undefined)
      limited.assuredConcurrencyShares = limited.nominalConcurrencyShares;
  },
};
