import { clusterRoles as rolesRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { ClusterRole } from '../../api/types/rbac-v1.gen.ts';
import { indexBy } from '../../client/index-map.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { planRules } from './plan.ts';

const aggregated = indexBy<ClusterRole>('aggregated', (role) => (role.aggregationRule ? 'yes' : undefined));

/** Gives roles with an aggregation rule the rules of the roles that it selects: `admin`, `edit` and `view` grow by labels. */
export const clusterRoleAggregationController: ControllerDescriptor = {
  name: 'clusterrole-aggregation-controller',
  account: 'clusterrole-aggregation-controller',
  build({ name, informers, client, clock, log }) {
    const roles = informers.of(rolesRef).index(aggregated);
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(roles),
      async reconcile({ key, signal }) {
        const role = roles.get(key);
        const rules = role && planRules(role, [...roles.values()]);
        if (!rules) return;
        const body = {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRole',
          metadata: { name: key },
          rules,
        };
        try {
          // An apply that insists: of the whole role only the rules are this controller's.
          const options = { fieldManager: name, force: true, signal };
          await client.resource(rolesRef).patch({ name: key }, { type: 'apply', body }, options);
        } catch (error) {
          if (!isStatus(error, 'NotFound')) throw error;
        }
      },
    });
    // Which roles a change reaches only the selectors know, and there are few of them.
    const changed = () => {
      for (const role of roles.by(aggregated, 'yes')) reconciler.add(keyOf(role));
    };
    roles.on({ added: changed, updated: changed, deleted: changed });
    return reconciler;
  },
};
