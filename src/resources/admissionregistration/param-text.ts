import type { ParamKind, ParamRef } from '../../api/types/admissionregistration-v1.gen.ts';
import { selectorText } from '../columns.ts';

/** "rules.example.com/v1/ReplicaLimit", the kind of a policy's parameters. */
export function paramKindText(kind: ParamKind | undefined): string {
  return kind ? `${kind.apiVersion ?? ''}/${kind.kind ?? ''}` : '<unset>';
}

/** "namespace/name" of a binding's parameters; without a namespace it may be any. */
export function paramRefText(ref: ParamRef | undefined): string {
  if (ref?.name) return `${ref.namespace || '*'}/${ref.name}`;
  return ref?.selector ? selectorText(ref.selector) : '<unset>';
}
