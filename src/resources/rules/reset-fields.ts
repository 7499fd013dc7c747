import { pathSet, union } from '../../api/managed-fields/field-set.ts';
import type { ResetFields } from '../../api/managed-fields/versions.ts';

/** `spec.containers.*.resources` as a set: names are fields, `*` is any item. */
const pathOf = (text: string) => pathSet(...text.split('.').map((name) => (name === '*' ? name : `f:${name}`)));

const setOf = (paths: readonly string[]) => paths.map(pathOf).reduce(union);

/** An endpoint that resets these fields and all below. */
export const resets = (...paths: string[]): ResetFields => ({ exclude: setOf(paths) });

/** An endpoint that resets all but these fields and what is below them. */
export const resetsAllBut = (...paths: string[]): ResetFields => ({ only: setOf(paths) });
