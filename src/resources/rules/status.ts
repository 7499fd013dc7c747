import type { AnyKind, Mutable } from '../../api/object.ts';
import { timestamp } from '../../base/clock.ts';
import type { WriteContext } from '../resource.ts';

/** Main resource and status each change their own half of an object. */

interface WithHalves extends AnyKind {
  readonly spec?: unknown;
  readonly status?: unknown;
}

type Halves = Record<string, unknown>;

function copy(object: Halves, old: Halves, field: string): void {
  if (old[field] === undefined) delete object[field];
  else object[field] = old[field];
}

/** For creates: a new object has no status yet. */
export function dropStatus(object: Mutable<WithHalves>): void {
  (object as Halves)['status'] = {};
}

/** For updates of the main resource: the status stays. */
export function keepStatus(object: Mutable<WithHalves>, old: WithHalves): void {
  copy(object as Halves, old as unknown as Halves, 'status');
}

/** For updates of the status: the spec stays. */
export function keepSpec(object: Mutable<WithHalves>, old: WithHalves): void {
  copy(object as Halves, old as unknown as Halves, 'spec');
}

/** All metadata stays but who wrote what. Source: apimachinery ResetObjectMetaForStatus. */
export function keepMetadata(object: Mutable<AnyKind>, old: AnyKind): void {
  const managedFields = object.metadata?.managedFields;
  const { managedFields: _, ...kept } = old.metadata ?? {};
  object.metadata = { ...kept, ...(managedFields && { managedFields }) } as typeof object.metadata;
}

/** As keepSpec; metadata belongs to the main resource too. Kinds of old let it pass. */
export function keepSpecAndMetadata(object: Mutable<WithHalves>, old: WithHalves): void {
  keepSpec(object, old);
  keepMetadata(object, old);
}

/** As keepSpec; labels belong to the main resource too. */
export function keepSpecAndLabels(object: Mutable<WithHalves>, old: WithHalves): void {
  keepSpec(object, old);
  copy(object.metadata as unknown as Halves, old.metadata as unknown as Halves, 'labels');
}

/** When a write happens, as times in a status are written. */
export const timeOf = ({ now }: WriteContext): string => timestamp(now);
