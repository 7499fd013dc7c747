import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { configMaps, secrets } from '../../../src/api/kinds.gen.ts';
import { ManualClock, timestamp } from '../../../src/base/clock.ts';
import { detachedSignature } from '../../../src/controllers/bootstrap-signer/plan.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';

const tokenSecret = '0123456789abcdef';
const token = (plane: ControlPlane, id: string, values: Record<string, string> = {}) =>
  plane.client.resource(secrets).create({
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: { 'token-id': id, 'token-secret': tokenSecret, 'usage-bootstrap-signing': 'true', ...values },
  });
const key = { namespace: 'kube-public', name: 'cluster-info' };

test('cluster-info carries a signature for each token, as long as there is one', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(configMaps).create({ metadata: key, data: { kubeconfig: 'first' } });
  await token(plane, 'abcdef');
  const data = (wanted: Record<string, string>) =>
    plane.until(configMaps, 'kube-public/cluster-info', (map) => isDeepStrictEqual({ ...map?.data }, wanted));
  const signatureOf = (text: string) => detachedSignature(text, { id: 'abcdef', secret: tokenSecret });
  await data({ 'jws-kubeconfig-abcdef': signatureOf('first'), kubeconfig: 'first' });
  await plane.client.resource(configMaps).mergePatch(key, { data: { kubeconfig: 'second' } });
  await data({ 'jws-kubeconfig-abcdef': signatureOf('second'), kubeconfig: 'second' });
  await plane.client.resource(secrets).delete({ namespace: 'kube-system', name: 'bootstrap-token-abcdef' });
  await data({ kubeconfig: 'second' });
});

test('a token is removed the moment it expires, and one without a time stays', async () => {
  const clock = new ManualClock();
  await using plane = await controlPlane({ clock });
  await token(plane, 'forevr');
  await token(plane, 'mortal', { expiration: timestamp(clock.wall() + 60_000) });
  const mortal = (there: boolean) =>
    plane.until(secrets, 'kube-system/bootstrap-token-mortal', (secret) => (secret !== undefined) === there);
  await mortal(true);
  await clock.advance(59_999);
  await mortal(true);
  await clock.advance(1);
  await mortal(false);
  expect((await plane.client.resource(secrets).list({ namespace: 'kube-system' })).items).toMatchObject([
    { metadata: { name: 'bootstrap-token-forevr' } },
  ]);
});
