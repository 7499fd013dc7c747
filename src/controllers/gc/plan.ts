import type { KubeObject, OwnerReference } from '../../api/object.ts';
import { foregroundFinalizer, type Node, orphanFinalizer } from './graph.ts';

/** What the server said of an owner. */
export type OwnerState = 'there' | 'waiting' | 'absent';

/** What to do with an object whose owners have been looked up. */
export type Verdict =
  | { readonly do: 'keep' }
  /** Some owners live: drop the references to the others. */
  | { readonly do: 'release'; readonly uids: readonly string[] }
  /** No owner keeps it. `unblock`: first stop blocking its owner, because the two wait for each other. */
  | { readonly do: 'delete'; readonly propagation: 'Background' | 'Foreground' | 'Orphan'; readonly unblock: boolean };

/** Decides by upstream's rules: a living owner keeps an object; else one that waits pulls it along in the foreground. */
export function judge(object: KubeObject, node: Node, states: ReadonlyMap<string, OwnerState>): Verdict {
  const references = object.metadata.ownerReferences ?? [];
  if (references.length === 0) return { do: 'keep' };
  const by = (state: OwnerState) => references.filter((o) => states.get(o.uid) === state).map((o) => o.uid);
  const [there, waiting, absent] = [by('there'), by('waiting'), by('absent')];
  if (there.length > 0) {
    const uids = [...absent, ...waiting];
    return uids.length === 0 ? { do: 'keep' } : { do: 'release', uids };
  }
  if (waiting.length > 0 && node.dependents.size > 0) {
    const unblock = [...node.dependents].some((dependent) => dependent.foreground);
    return { do: 'delete', propagation: 'Foreground', unblock };
  }
  return { do: 'delete', propagation: propagationOf(object), unblock: false };
}

/** An earlier delete request may have said already how its dependents are to be treated. */
function propagationOf(object: KubeObject): 'Background' | 'Foreground' | 'Orphan' {
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes(orphanFinalizer)) return 'Orphan';
  return finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
}

/** How an owner that was read stands to a dependent that names it by `uid`. */
export function ownerState(owner: KubeObject, uid: string): OwnerState {
  if (owner.metadata.uid !== uid) return 'absent';
  const waits = owner.metadata.deletionTimestamp && owner.metadata.finalizers?.includes(foregroundFinalizer);
  return waits ? 'waiting' : 'there';
}

/** The dependents that keep an owner from going in the foreground. */
export function blocking(node: Node): Node[] {
  return [...node.dependents].filter((dependent) =>
    dependent.owners.some((o) => o.uid === node.uid && o.blockOwnerDeletion),
  );
}

/** References without those to these owners. */
export const referencesWithout = (object: KubeObject, uids: readonly string[]): OwnerReference[] =>
  (object.metadata.ownerReferences ?? []).filter((o) => !uids.includes(o.uid));
