import type {
  FlowSchema,
  FlowSchemaSpec,
  LimitedPriorityLevelConfiguration,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  ResourcePolicyRule,
  Subject,
} from '../../api/types/flowcontrol-v1.gen.ts';

/**
 * The flow schemas and priority levels of every cluster. Without the mandatory ones some requests would belong nowhere, so
 * their specs are fixed; the suggested ones are their users' as soon as they say so. Source: apiserver flowcontrol/bootstrap.
 */

/** "true" while the server may keep the spec as it ships it. Source: k8s.io/api flowcontrol, AutoUpdateAnnotationKey. */
export const autoUpdateAnnotation = 'apf.kubernetes.io/autoupdate-spec';

const all = ['*'];

const groups = (...names: string[]): Subject[] => names.map((name) => ({ kind: 'Group', group: { name } }));
const users = (...names: string[]): Subject[] => names.map((name) => ({ kind: 'User', user: { name } }));
const systemAccounts: Subject = { kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name: '*' } };
const everybody = groups('system:unauthenticated', 'system:authenticated');
const nodes = groups('system:nodes');

const leases = (verbs: string[]): ResourcePolicyRule => ({
  verbs,
  apiGroups: ['coordination.k8s.io'],
  resources: ['leases'],
  namespaces: all,
});

/** Every resource and every other path. */
const anything: Pick<PolicyRulesWithSubjects, 'resourceRules' | 'nonResourceRules'> = {
  resourceRules: [{ verbs: all, apiGroups: all, resources: all, namespaces: all, clusterScope: true }],
  nonResourceRules: [{ verbs: all, nonResourceURLs: all }],
};

const probes: NonResourcePolicyRule = { verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] };

const schemaSpec = (
  level: string,
  matchingPrecedence: number,
  by: 'ByUser' | 'ByNamespace' | undefined,
  rule: PolicyRulesWithSubjects,
): FlowSchemaSpec => ({
  priorityLevelConfiguration: { name: level },
  matchingPrecedence,
  ...(by && { distinguisherMethod: { type: by } }),
  rules: [rule],
});

const queued = (
  shares: number,
  lendablePercent: number,
  queues: number,
  handSize: number,
): PriorityLevelConfigurationSpec => ({
  type: 'Limited',
  limited: {
    nominalConcurrencyShares: shares,
    lendablePercent,
    limitResponse: { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } },
  },
});

const catchAll: LimitedPriorityLevelConfiguration = {
  nominalConcurrencyShares: 5,
  lendablePercent: 0,
  limitResponse: { type: 'Reject' },
};

export const mandatorySchemas: Readonly<Record<string, FlowSchemaSpec>> = {
  exempt: schemaSpec('exempt', 1, undefined, { subjects: groups('system:masters'), ...anything }),
  'catch-all': schemaSpec('catch-all', 10_000, 'ByUser', { subjects: everybody, ...anything }),
};

export const mandatoryLevels: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': { type: 'Limited', limited: catchAll },
};

const [manager, scheduler] = ['system:kube-controller-manager', 'system:kube-scheduler'] as const;

const suggestedSchemas: Readonly<Record<string, FlowSchemaSpec>> = {
  probes: schemaSpec('exempt', 2, undefined, { subjects: everybody, nonResourceRules: [probes] }),
  'system-leader-election': schemaSpec('leader-election', 100, 'ByUser', {
    subjects: [...users(manager, scheduler), systemAccounts],
    resourceRules: [leases(['get', 'create', 'update'])],
  }),
  'system-node-high': schemaSpec('node-high', 400, 'ByUser', {
    subjects: nodes,
    resourceRules: [
      { verbs: all, apiGroups: [''], resources: ['nodes', 'nodes/status'], namespaces: all, clusterScope: true },
      leases(all),
    ],
  }),
  'system-nodes': schemaSpec('system', 500, 'ByUser', { subjects: nodes, ...anything }),
  'kube-controller-manager': schemaSpec('workload-high', 800, 'ByNamespace', { subjects: users(manager), ...anything }),
  'kube-scheduler': schemaSpec('workload-high', 800, 'ByNamespace', { subjects: users(scheduler), ...anything }),
  'kube-system-service-accounts': schemaSpec('workload-high', 900, 'ByNamespace', {
    subjects: [systemAccounts],
    ...anything,
  }),
  'service-accounts': schemaSpec('workload-low', 9000, 'ByUser', {
    subjects: groups('system:serviceaccounts'),
    ...anything,
  }),
  'global-default': schemaSpec('global-default', 9900, 'ByUser', { subjects: everybody, ...anything }),
};

const suggestedLevels: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  system: queued(30, 33, 64, 6),
  'node-high': queued(40, 25, 64, 6),
  'leader-election': queued(10, 0, 16, 4),
  'workload-high': queued(40, 50, 128, 6),
  'workload-low': queued(100, 90, 128, 6),
  'global-default': queued(20, 50, 128, 6),
};

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
const metadata = (name: string) => ({ name, annotations: { [autoUpdateAnnotation]: 'true' } });

export const bootstrapSchemas: readonly FlowSchema[] = Object.entries({ ...mandatorySchemas, ...suggestedSchemas }).map(
  ([name, spec]) => ({ apiVersion, kind: 'FlowSchema', metadata: metadata(name), spec }),
);

export const bootstrapLevels: readonly PriorityLevelConfiguration[] = Object.entries({
  ...mandatoryLevels,
  ...suggestedLevels,
}).map(([name, spec]) => ({ apiVersion, kind: 'PriorityLevelConfiguration', metadata: metadata(name), spec }));
