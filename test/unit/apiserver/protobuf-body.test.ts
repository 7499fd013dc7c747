import { expect, test } from 'vitest';
import { kindFacts } from '../../../src/api/facts.ts';
import { decodeMessage } from '../../../src/api/protobuf/decode.ts';
import { encodeMessage } from '../../../src/api/protobuf/encode.ts';
import { ServedTable } from '../../../src/apiserver/registry/served.ts';

const served = [...ServedTable.builtIn().all()];

test.each(served.map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind] as const))(
  '%s has a protobuf form',
  (_, kind) => {
    const { tree, unknown } = decodeMessage(kind.type, encodeMessage(kind.type, { metadata: { name: 'a' } }));
    expect([unknown, (tree['metadata'] as { name?: string } | undefined)?.name]).toEqual([[], 'a']);
    // Lists are put together without looking at their type.
    if (kind.verbs.has('list')) {
      const list = kindFacts(kind.group, kind.version, kind.listKind)!;
      expect(list.wire.map(({ name, number }) => [name, number])).toEqual([
        ['metadata', 1],
        ['items', 2],
      ]);
    }
    for (const sub of kind.subresources.values())
      expect(kindFacts(sub.group ?? kind.group, sub.version ?? kind.version, sub.kind ?? kind.kind)).toBeDefined();
  },
);
