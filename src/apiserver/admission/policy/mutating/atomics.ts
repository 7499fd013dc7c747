import {
  deduced,
  elementPlace,
  fieldPlace,
  isNamed,
  isTree,
  mergesLists,
  mergesMaps,
  type Place,
  rootPlace,
  type Tree,
} from '../../../../api/managed-fields/place.ts';
import type { TypeFacts } from '../../../../api/type-facts.ts';

/**
 * Where a configuration has lists, maps or structs that would replace the whole of what is there: whoever wrote it may not
 * know that, so it is refused. Paths as upstream writes them: ".spec.template.spec.tolerations". Source: apiserver
 * `plugin/policy/mutating/patch/smd.go`, findAtomics.
 */
export function* atomicPaths(type: TypeFacts, config: Tree): Iterable<string> {
  yield* below(rootPlace(type), config, '');
}

function* below(place: Place, value: unknown, path: string): Iterable<string> {
  if (isTree(value)) {
    if (!mergesMaps(place)) yield path;
    // What is below a key of a map is data.
    for (const key in value)
      if (isNamed(place.type, key)) yield* below(fieldPlace(place.type, key), value[key], `${path}.${key}`);
  } else if (Array.isArray(value)) {
    if (!mergesLists(place)) yield path;
    const item = place.type ? elementPlace(place.type) : deduced;
    for (const [i, element] of value.entries()) yield* below(item, element, `${path}[${i}]`);
  }
}
