import { expect, it } from 'vitest';
import type { Node, PersistentVolume, Pod } from '../../../src/api/types/core-v1.gen.ts';
import type { VolumeAttachment } from '../../../src/api/types/storage-v1.gen.ts';
import { type AttachFacts, multiAttachText, planAttach } from '../../../src/controllers/attach-detach/plan.ts';

const volume: PersistentVolume = {
  metadata: { name: 'v' },
  spec: { accessModes: ['ReadWriteOnce'], csi: { driver: 'd', volumeHandle: 'h' } },
};
const shared: PersistentVolume = { ...volume, spec: { ...volume.spec, accessModes: ['ReadWriteMany'] } };
const annotations = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' };
const node: Node = { metadata: { name: 'n', annotations } };
const using = (more: Partial<Node> = {}, ready = 'True'): Node => ({
  ...node,
  status: { volumesInUse: ['kubernetes.io/csi/d^h'], conditions: [{ type: 'Ready', status: ready as 'True' }] },
  ...more,
});
const pod: Pod = { metadata: { name: 'p', namespace: 'ns' } };
const attachment = (status?: VolumeAttachment['status'], metadata = {}): VolumeAttachment => ({
  metadata,
  spec: { attacher: 'd', nodeName: 'n', source: {} },
  ...(status && { status }),
});
const going = { deletionTimestamp: '2026-01-01T00:00:00Z' };

const facts = (more: Partial<AttachFacts>): AttachFacts => ({
  volume,
  driver: undefined,
  node,
  pods: [],
  attachment: undefined,
  elsewhere: false,
  unneededFor: 0,
  ...more,
});

it.each<[string, Partial<AttachFacts>, ReturnType<typeof planAttach>]>([
  ['nobody needs', {}, { step: 'none' }],
  ['a pod needs', { pods: [pod] }, { step: 'attach' }],
  ['needs no attaching', { pods: [pod], driver: { metadata: {}, spec: { attachRequired: false } } }, { step: 'none' }],
  ['is of no driver', { pods: [pod], volume: { metadata: {}, spec: {} } }, { step: 'none' }],
  ['is needed where kubelets attach', { pods: [pod], node: { metadata: {} } }, { step: 'none' }],
  ['another node has', { pods: [pod], elsewhere: true }, { step: 'refuse' }],
  ['another node has, too', { pods: [pod], elsewhere: true, volume: shared }, { step: 'attach' }],
  ['is being attached', { pods: [pod], attachment: attachment() }, { step: 'none' }],
  [
    'cannot be attached',
    { pods: [pod], attachment: attachment({ attached: false, attachError: { message: 'no' } }) },
    { step: 'tell-failure', why: 'no' },
  ],
  ['is being detached and needed again', { pods: [pod], attachment: attachment(undefined, going) }, { step: 'none' }],
  ['is not needed any more', { attachment: attachment({ attached: true }) }, { step: 'detach' }],
  ['is being detached', { attachment: attachment({ attached: true }, going) }, { step: 'none' }],
  [
    'is not needed and still mounted',
    { attachment: attachment(), node: using() },
    { step: 'wait-unmount', after: undefined },
  ],
  [
    'a dead node has mounted',
    { attachment: attachment(), node: using({}, 'Unknown'), unneededFor: 60_000 },
    { step: 'wait-unmount', after: 300_000 },
  ],
  [
    'a dead node has had mounted for long',
    { attachment: attachment(), node: using({}, 'Unknown'), unneededFor: 360_000 },
    { step: 'detach' },
  ],
  [
    'a node has that is out of service',
    {
      attachment: attachment(),
      node: using({ spec: { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] } }),
    },
    { step: 'detach' },
  ],
  ['a node has that is gone', { attachment: attachment(), node: undefined }, { step: 'detach' }],
])('a volume that %s', (_, more, step) => {
  expect(planAttach(facts(more))).toEqual(step);
});

it.each<[Pod[], string]>([
  [[], "Volume is already exclusively attached to one node and can't be attached to another"],
  [[pod], 'Volume is already used by pod(s) p'],
  [[{ metadata: { name: 'q', namespace: 'far' } }], 'Volume is already used by 1 pod(s) in different namespaces'],
  [
    [pod, { metadata: { name: 'q', namespace: 'far' } }],
    'Volume is already used by pod(s) p and 1 pod(s) in different namespaces',
  ],
])('who has a volume: %j', (others, text) => {
  expect(multiAttachText('v', 'ns', others)).toBe(`Multi-Attach error for volume "v" ${text}`);
});
