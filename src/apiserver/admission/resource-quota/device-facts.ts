import type { Pod } from '../../../api/types/core-v1.gen.ts';
import type { DeviceClass } from '../../../api/types/resource-v1.gen.ts';
import type { DeviceFacts } from '../../../resources/quota/evaluator.ts';
import { classesByResource } from '../../../resources/resource/extended-classes.ts';
import type { Store } from '../../../store/store.ts';

const resource = 'deviceclasses.resource.k8s.io';

/** What is known of devices by what has been accepted. */
export function deviceFacts(store: Store): DeviceFacts {
  const classes = () => store.list(resource).entries.map(({ object }) => object as unknown as DeviceClass);
  return {
    resourceOf: (name) => {
      const found = store.head({ resource, namespace: '', name })?.object as unknown as DeviceClass | undefined;
      return found?.spec.extendedResourceName;
    },
    standsFor: (name) => store.count(resource) > 0 && classesByResource(classes()).has(name),
    pod: (namespace, name) => store.head({ resource: 'pods', namespace, name })?.object as unknown as Pod | undefined,
  };
}
