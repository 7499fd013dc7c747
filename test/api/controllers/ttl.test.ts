import { expect, test } from 'vitest';
import { nodes } from '../../../src/api/kinds.gen.ts';
import { controlPlane } from '../../kit/controllers.ts';

const ttl = 'node.alpha.kubernetes.io/ttl';

test('nodes say how long their kubelets may keep objects, and say it again when somebody takes that away', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(nodes).create({ metadata: { name: 'n1', annotations: { mine: 'kept' } } });
  const node = await plane.until(nodes, 'n1', (n) => n?.metadata.annotations?.[ttl] === '0');
  expect(node?.metadata.annotations).toMatchObject({ mine: 'kept' });
  await plane.client.resource(nodes).mergePatch({ name: 'n1' }, { metadata: { annotations: { [ttl]: 'soon' } } });
  await plane.until(nodes, 'n1', (n) => n?.metadata.annotations?.[ttl] === '0');
});
