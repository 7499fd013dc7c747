import type { KubeObject } from '../../api/object.ts';
import { compareQuantities, parseQuantity, type Quantity, quantityOf } from '../../api/quantity.ts';
import type { PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import { countName, type Evaluator } from './evaluator.ts';
import { selects } from './scopes.ts';
import { one, type Usage } from './usage.ts';

/** What claims to volumes use. Source: pkg/quota/v1/evaluator/core/persistent_volume_claims.go. */

const resource = 'persistentvolumeclaims';
const amounts = [resource, 'requests.storage'];
const ofClass = '.storageclass.storage.k8s.io/';
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

const claimOf = (object: KubeObject): PersistentVolumeClaim => object as unknown as PersistentVolumeClaim;

function storageClass({ metadata, spec }: PersistentVolumeClaim): string {
  return metadata.annotations?.[classAnnotation] ?? spec?.storageClassName ?? '';
}

const giga = 1_000_000_000n;

/** Whole bytes, rounded up. */
function inBytes(text: string): Quantity {
  const quantity = parseQuantity(text);
  const rest = quantity.nano % giga;
  return rest > 0n ? quantityOf(quantity.nano - rest + giga, quantity.format) : quantity;
}

/** What is asked for, or what has been granted already if that is more: a claim that failed to grow may ask for less. */
function storage({ spec, status }: PersistentVolumeClaim): Quantity | undefined {
  const asked = spec?.resources?.requests?.['storage'];
  const granted = status?.allocatedResources?.['storage'];
  if (asked === undefined) return undefined;
  return inBytes(granted !== undefined && compareQuantities(granted, asked) > 0 ? granted : asked);
}

function usage(claim: PersistentVolumeClaim): Usage {
  const used = new Map([
    [resource, one],
    [countName(resource), one],
  ]);
  const prefix = storageClass(claim);
  if (prefix) used.set(`${prefix}${ofClass}${resource}`, one);
  const size = storage(claim);
  if (!size) return used;
  used.set('requests.storage', size);
  if (prefix) used.set(`${prefix}${ofClass}requests.storage`, size);
  return used;
}

/** Every class of attributes a claim has, had or is to have. */
function attributesClasses({ spec, status }: PersistentVolumeClaim): string[] {
  const names = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return [...new Set(names.filter((name): name is string => Boolean(name)))];
}

export const claimEvaluator: Evaluator = {
  resource,
  measures: (name) =>
    name === countName(resource) || amounts.some((amount) => name === amount || name.endsWith(ofClass + amount)),
  varies: true,
  // What the status says it was granted counts too.
  charges: ({ operation, subresource }) => subresource === '' || (operation === 'UPDATE' && subresource === 'status'),
  usage: (object) => usage(claimOf(object)),
  inScope: (object, scope) =>
    scope.scopeName === 'VolumeAttributesClass' && selects(scope, attributesClasses(claimOf(object))),
};
