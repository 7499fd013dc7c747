import { ipAddresses as addressesRef, serviceCIDRs as rangesRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { IPAddress, ServiceCIDR } from '../../api/types/networking-v1.gen.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { isAllocated } from '../../resources/networking/service-address.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { finalizer, holdsAddress, leavesOrphans, planRange, rangesOverlap } from './plan.ts';

/** Says which ranges of cluster IPs are ready, and keeps those that Services still have addresses of. */
export const serviceCidrController: ControllerDescriptor = {
  name: 'service-cidr-controller',
  account: 'service-cidrs-controller',
  build({ name, client, informers, recorder, clock, log }) {
    const ranges = informers.of(rangesRef);
    const addresses = informers.of(addressesRef);
    const writer = client.resource(rangesRef);
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(ranges, addresses),
      async reconcile({ key, signal }) {
        const range = ranges.get(key);
        if (!range) return;
        const { resourceVersion, finalizers = [] } = range.metadata;
        const keep = (list: readonly string[]) =>
          writer.mergePatch({ name: key }, { metadata: { resourceVersion, finalizers: list } }, { signal });
        const step = planRange(
          range,
          () => leavesOrphans(range, ranges.values(), () => addresses.values()),
          clock.wall(),
        );
        try {
          if (step.do === 'wait') return { after: step.ms };
          if (step.do === 'protect') await keep([...finalizers, finalizer]);
          else if (step.do === 'release') await keep(finalizers.filter((one) => one !== finalizer));
          else if (step.do === 'show') await showConditions(range, step.conditions, signal);
        } catch (error) {
          if (!isStatus(error, 'NotFound')) throw error;
        }
      },
    });
    const showConditions = async (range: ServiceCIDR, conditions: unknown, signal: AbortSignal) => {
      const { name: key, resourceVersion } = range.metadata;
      try {
        const patch = { metadata: { resourceVersion }, status: { conditions } };
        await writer.mergePatch({ name: key! }, patch, { subresource: 'status', signal });
      } catch (error) {
        const text = 'The ServiceCIDR Status can not be set to Ready=True';
        if (!isStatus(error, 'Conflict') && !isStatus(error, 'NotFound') && !range.metadata.deletionTimestamp)
          recorder.event(range, 'Warning', 'KubernetesServiceCIDRError', text);
        throw error;
      }
    };
    /** Ranges that are being deleted and may be free to go, or not any more. */
    const wake = (concerns: (range: ServiceCIDR) => boolean) => {
      for (const range of ranges.values())
        if (range.metadata.deletionTimestamp && concerns(range)) reconciler.add(range.metadata.name!);
    };
    const others = (range: ServiceCIDR) => wake((other) => rangesOverlap(range, other));
    ranges.on({
      added: (range) => {
        reconciler.add(range.metadata.name!);
        others(range);
      },
      updated: (old, range) => {
        reconciler.add(range.metadata.name!);
        if (old.spec?.cidrs?.length !== range.spec?.cidrs?.length) others(range);
      },
      deleted: others,
    });
    const ofAddress = (address: IPAddress) => {
      if (isAllocated(address)) wake((range) => holdsAddress(range, address));
    };
    addresses.on({ added: (address, initial) => initial || ofAddress(address), deleted: ofAddress });
    return reconciler;
  },
};
