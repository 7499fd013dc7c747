import { qualifiedNameErrors } from '../../api/names.ts';
import type { KubeObject } from '../../api/object.ts';

const standard: ReadonlySet<string> = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);
const avoid = 'to avoid accidental conflicts with other finalizer writers';

function complaints(name: string): string[] {
  const texts = qualifiedNameErrors(name);
  if (!name.includes('/') && !standard.has(name))
    texts.push(
      name.includes('.')
        ? `prefer a domain-qualified finalizer name including a path (/) ${avoid}`
        : `prefer a domain-qualified finalizer name ${avoid}`,
    );
  return texts.map((text) => `metadata.finalizers: ${JSON.stringify(name)}: ${text}`);
}

/** Warnings about finalizers that a write adds to a custom resource. Source: `validateKubeFinalizerName`. */
export function finalizerWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const finalizers = object.metadata.finalizers;
  if (!finalizers) return [];
  const added = new Set(finalizers.filter((name) => !old?.metadata.finalizers?.includes(name)));
  return [...added].sort().flatMap(complaints);
}
