import type { Mutable } from '../../api/object.ts';
import { forbidden } from '../../api/status.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { PriorityClass } from '../../api/types/scheduling-v1.gen.ts';
import { systemClasses } from '../../resources/scheduling/priority-class-rules.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const resource = 'priorityclasses.scheduling.k8s.io';

/**
 * Works out a pod's priority from its class; keeps the default class the only one, and the system's classes where they are.
 * Source: plugin/pkg/admission/priority, registry/scheduling/priorityclass.
 */
export function priority(store: Store): AdmissionPlugin {
  return {
    name: 'Priority',
    operations: new Set(['CREATE', 'UPDATE', 'DELETE']),
    resources: new Set(['pods', resource]),
    validate: (request) => {
      if (request.served.qualified !== resource) return;
      if (request.operation === 'DELETE') keepSystemClass(request);
      else onlyDefault(store, request);
    },
    mutate: (request) => {
      if (request.served.qualified !== 'pods' || request.subresource || !request.object) return;
      const spec = (request.object as unknown as Mutable<Pod>).spec;
      if (!spec) return;
      if (request.operation === 'UPDATE') keep(spec, (request.old as unknown as Pod).spec);
      else resolve(store, request, spec);
    },
  };
}

type Spec = Mutable<NonNullable<Pod['spec']>>;

/** An update that leaves the resolved values out means the old ones. */
function keep(spec: Spec, old: Pod['spec']): void {
  if (spec.priority === undefined && old?.priority !== undefined) spec.priority = old.priority;
  if (spec.preemptionPolicy === undefined && old?.preemptionPolicy !== undefined)
    spec.preemptionPolicy = old.preemptionPolicy;
}

function resolve(store: Store, request: AdmissionRequest, spec: Spec): void {
  const found = spec.priorityClassName ? named(store, request, spec.priorityClassName) : globalDefault(store);
  if (found?.metadata?.name && !spec.priorityClassName) spec.priorityClassName = found.metadata.name;
  const value = found?.value ?? 0;
  if (spec.priority !== undefined && spec.priority !== value)
    throw forbidden(
      request.served,
      request.name,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    );
  spec.priority = value;
  const policy = found?.preemptionPolicy ?? 'PreemptLowerPriority';
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy)
    throw forbidden(
      request.served,
      request.name,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    );
  spec.preemptionPolicy = policy;
}

function named(store: Store, request: AdmissionRequest, name: string): PriorityClass {
  const head = store.head({ resource, namespace: '', name });
  if (!head) throw forbidden(request.served, request.name, `no PriorityClass with name ${name} was found`);
  return head.object as unknown as PriorityClass;
}

function keepSystemClass({ served, name }: AdmissionRequest): void {
  if (Object.hasOwn(systemClasses, name))
    throw forbidden(served, name, 'this is a system priority class and cannot be deleted');
}

function onlyDefault(store: Store, { served, name, object, operation }: AdmissionRequest): void {
  const known = (object as PriorityClass | undefined)?.globalDefault ? globalDefault(store)?.metadata.name : undefined;
  if (known === undefined || (operation === 'UPDATE' && known === name)) return;
  throw forbidden(served, name, `PriorityClass ${known} is already marked as default. Only one default can exist`);
}

/** The global default with the lowest value, as upstream picks when there are several. */
function globalDefault(store: Store): PriorityClass | undefined {
  if (store.count(resource) === 0) return undefined;
  return store
    .list(resource)
    .entries.map((entry) => entry.object as unknown as PriorityClass)
    .filter((c) => c.globalDefault)
    .sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
}
