import type { Mutable } from '../../../api/object.ts';
import { forbidden } from '../../../api/status.ts';
import type { LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from '../../../api/types/core-v1.gen.ts';
import type { Store } from '../../../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { claimFindings, podFindings } from './bounds.ts';
import { giveDefaults } from './defaults.ts';

/**
 * Gives containers the amounts that a namespace's LimitRanges name, and refuses pods and claims outside their bounds.
 * Source: plugin/pkg/admission/limitranger.
 */
export function limitRanger(store: Store): AdmissionPlugin {
  return {
    name: 'LimitRanger',
    operations: new Set(['CREATE', 'UPDATE']),
    resources: new Set(['pods', 'persistentvolumeclaims']),
    mutate: (request) => {
      if (request.served.qualified !== 'pods' || !isLimited(request)) return;
      for (const range of rangesOf(store, request.namespace))
        giveDefaults(request.object as unknown as Mutable<Pod>, itemsOf(range));
    },
    validate: (request) => {
      if (!isLimited(request)) return;
      for (const range of rangesOf(store, request.namespace)) {
        const texts = [...new Set(findings(request, itemsOf(range)))];
        if (texts.length === 0) continue;
        throw forbidden(request.served, request.name, texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`);
      }
    },
  };
}

/** Pods are looked at when they are created and resized, claims whenever they are written; nothing that is on its way out. */
function isLimited({ served, subresource, operation, object, old }: AdmissionRequest): boolean {
  if (!object || old?.metadata.deletionTimestamp) return false;
  if (served.qualified === 'persistentvolumeclaims') return subresource === '';
  return operation === 'CREATE' ? subresource === '' : subresource === 'resize';
}

function rangesOf(store: Store, namespace: string): readonly LimitRange[] {
  if (store.count('limitranges', namespace) === 0) return [];
  return store.list('limitranges', { namespace }).entries.map(({ object }) => object as unknown as LimitRange);
}

const itemsOf = (range: LimitRange): readonly LimitRangeItem[] => range.spec?.limits ?? [];

const findings = ({ served, object, old }: AdmissionRequest, items: readonly LimitRangeItem[]): string[] =>
  served.qualified === 'pods'
    ? podFindings(items, object as unknown as Pod, old as unknown as Pod | undefined)
    : claimFindings(
        items,
        object as unknown as PersistentVolumeClaim,
        old as unknown as PersistentVolumeClaim | undefined,
      );
