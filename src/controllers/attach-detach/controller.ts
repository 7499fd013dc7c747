import { volumeAttachments as attachmentsRef, nodes as nodesRef } from '../../api/kinds.gen.ts';
import { sameValue } from '../../api/object-meta.ts';
import { isStatus } from '../../api/status.ts';
import type { PersistentVolume, Pod } from '../../api/types/core-v1.gen.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import type { ControllerContext, ControllerDescriptor } from '../controller.ts';
import { AttachCaches } from './caches.ts';
import { type AttachFacts, attachmentName, multiAttachText, type Place, parsePlace, planAttach } from './plan.ts';
import { watchPlaces } from './watches.ts';

/** Asks CSI drivers, by VolumeAttachments, to attach volumes to the nodes of their pods, and to detach them again. */
export const attachDetachController: ControllerDescriptor = {
  name: 'persistentvolume-attach-detach-controller',
  account: 'attachdetach-controller',
  component: 'attachdetach-controller',
  build(context) {
    const { name, clock, log } = context;
    const caches = new AttachCaches(context.informers);
    const controller = new AttachDetach(context, caches);
    const places = new Reconciler({
      name: `${name}/places`,
      clock,
      log,
      ready: caches.ready,
      reconcile: ({ key, signal }) => controller.reconcile(parsePlace(key), signal),
    });
    const nodes = new Reconciler({
      name: `${name}/nodes`,
      clock,
      log,
      ready: caches.ready,
      reconcile: ({ key, signal }) => controller.report(key, signal),
    });
    watchPlaces(caches, places, nodes);
    return {
      async run(signal) {
        await Promise.all([places.run(signal), nodes.run(signal)]);
      },
    };
  },
};

class AttachDetach {
  readonly #context: ControllerContext;
  readonly #caches: AttachCaches;
  /** Since when nobody needs a volume on a node that still has it in use, steady milliseconds. */
  readonly #unneeded = new Map<string, number>();
  /** Where volumes are just being attached: the caches do not show it yet. */
  readonly #attaching = new Map<string, string>();

  constructor(context: ControllerContext, caches: AttachCaches) {
    this.#context = context;
    this.#caches = caches;
  }

  async reconcile(place: Place, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const key = `${place.node}/${place.volume}`;
    const facts = this.#facts(place, key);
    const step = planAttach(facts);
    if (step.step !== 'wait-unmount') this.#unneeded.delete(key);
    switch (step.step) {
      case 'none':
        return undefined;
      case 'attach':
        await this.#attach(facts.volume!, place.node, signal);
        return undefined;
      case 'refuse':
        this.#refuse(facts.volume!, place.node, facts.pods);
        return undefined;
      case 'tell-failure':
        this.#tell(
          facts.pods,
          'FailedAttachVolume',
          `AttachVolume.Attach failed for volume "${place.volume}" : ${step.why}`,
        );
        return undefined;
      case 'wait-unmount':
        return step.after === undefined ? undefined : { after: step.after };
      case 'detach':
        await this.#detach(facts, signal);
        return undefined;
    }
  }

  #facts({ node, volume }: Place, key: string): AttachFacts {
    const found = this.#caches.volumes.get(volume);
    const all = this.#caches.podsOf(found);
    const pods = all.filter((pod) => pod.spec?.nodeName === node);
    const now = this.#context.clock.steady();
    if (pods.length === 0 && !this.#unneeded.has(key)) this.#unneeded.set(key, now);
    return {
      volume: found,
      driver: this.#caches.drivers.get(found?.spec?.csi?.driver ?? ''),
      node: this.#caches.nodes.get(node),
      pods,
      attachment: this.#caches.attachmentAt({ node, volume }),
      elsewhere:
        (this.#attaching.get(volume) ?? node) !== node ||
        this.#caches.attachmentsOf(volume).some(({ spec }) => spec.nodeName !== node),
      unneededFor: now - (this.#unneeded.get(key) ?? now),
    };
  }

  async #attach(volume: PersistentVolume, nodeName: string, signal: AbortSignal): Promise<void> {
    const name = attachmentName(volume, nodeName);
    const source = { persistentVolumeName: volume.metadata.name! };
    const spec = { attacher: volume.spec!.csi!.driver, nodeName, source };
    this.#attaching.set(volume.metadata.name!, nodeName);
    try {
      await this.#context.client.resource(attachmentsRef).create({ metadata: { name }, spec }, { signal });
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error;
    } finally {
      this.#attaching.delete(volume.metadata.name!);
    }
  }

  #refuse(volume: PersistentVolume, node: string, pods: readonly Pod[]): void {
    const others = this.#caches.podsOf(volume).filter((pod) => pod.spec?.nodeName !== node);
    for (const pod of pods) {
      const text = multiAttachText(volume.metadata.name!, pod.metadata.namespace!, others);
      this.#tell([pod], 'FailedAttachVolume', text);
    }
  }

  /** The node's status comes first: a kubelet that still reads of the volume may believe that it can mount it. */
  async #detach({ attachment }: AttachFacts, signal: AbortSignal): Promise<void> {
    await this.report(attachment!.spec.nodeName, signal);
    const { name, uid } = attachment!.metadata;
    const options = { preconditions: { uid: uid! }, signal };
    try {
      await this.#context.client.resource(attachmentsRef).delete({ name: name! }, options);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  /** Writes what is attached to a node into its status; tells pods of what is new there. */
  async report(name: string, signal: AbortSignal): Promise<void> {
    const node = this.#caches.nodes.get(name);
    if (!node) return;
    const volumesAttached = this.#caches.attachedTo(name);
    const before = node.status?.volumesAttached ?? [];
    if (sameValue(volumesAttached, before)) return;
    try {
      const body = { status: { volumesAttached } };
      await this.#context.client.resource(nodesRef).mergePatch({ name }, body, { subresource: 'status', signal });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
      return;
    }
    const known = new Set(before.map((attached) => attached.name));
    for (const attached of volumesAttached) if (!known.has(attached.name)) this.#tellAttached(name, attached.name);
  }

  #tellAttached(node: string, unique: string): void {
    for (const volume of this.#caches.volumesAt(node, unique)) {
      const pods = this.#caches.podsOf(volume).filter((pod) => pod.spec?.nodeName === node);
      const text = `AttachVolume.Attach succeeded for volume "${volume.metadata.name}" `;
      for (const pod of pods) this.#context.recorder.event(pod, 'Normal', 'SuccessfulAttachVolume', text);
    }
  }

  #tell(pods: readonly Pod[], reason: string, text: string): void {
    for (const pod of pods) this.#context.recorder.event(pod, 'Warning', reason, text);
  }
}
