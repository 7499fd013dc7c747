import { pods } from '../../api/kinds.gen.ts';
import type { PluginDescriptor } from '../plugin.ts';

/** Binds pods through the API server. */
export const defaultBinder: PluginDescriptor = {
  name: 'DefaultBinder',
  build: ({ client }) => ({
    name: 'DefaultBinder',
    async bind({ namespace, name, uid }, node, signal) {
      const binding = {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { namespace, name, uid },
        target: { kind: 'Node', name: node },
      };
      await client.resource(pods).createSubresource({ namespace, name }, 'binding', binding, { signal });
      return true;
    },
  }),
};
