import type { FieldPath } from '../../api/field-errors.ts';
import type { Container, EphemeralContainer, PodSpec } from '../../api/types/core-v1.gen.ts';

export interface PlacedContainer {
  readonly container: Container | EphemeralContainer;
  readonly path: FieldPath;
}

const kinds = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** All containers of a pod with where they are, in the order upstream visits them. */
export const everyContainer = (spec: PodSpec, path: FieldPath): PlacedContainer[] =>
  kinds.flatMap((kind) => (spec[kind] ?? []).map((container, i) => ({ container, path: path.child(kind).index(i) })));
