import type { Node } from '../../api/types/core-v1.gen.ts';
import type { EventHint } from '../events/events.ts';
import { isAboutPod } from './own-update.ts';

/** What a pod that only cordoned nodes would take waits for (NodeUnschedulable.EventsToRegister). */
export const nodeUnschedulableEvents: readonly EventHint[] = [
  { resource: 'Node', actions: ['Add', 'UpdateNodeTaint'], hint: ({ now }) => !(now as Node).spec?.unschedulable },
  { resource: 'Pod', actions: ['UpdatePodToleration'], hint: isAboutPod },
];
