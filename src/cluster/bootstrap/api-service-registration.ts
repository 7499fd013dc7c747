import { apiServices, customResourceDefinitions } from '../../api/kinds.gen.ts';
import type { ServedApis } from '../../api/served-apis.ts';
import { isStatus } from '../../api/status.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import type { APIService } from '../../api/types/apiregistration-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import { indexBy } from '../../client/index-map.ts';
import type { Informers } from '../../client/informers.ts';
import { Reconciler, type Runnable } from '../../client/reconciler.ts';
import { apiServiceChange } from './api-service-change.ts';
import { builtInApiServices, customApiService } from './api-services.ts';

export interface ApiServiceRegistrationOptions {
  readonly informers: Informers;
  /** Writes as the API server. */
  readonly client: Client;
  readonly apis: ServedApis;
  readonly clock: Clock;
  readonly log: Logger;
}

const byGroup = indexBy<CustomResourceDefinition>('group', ({ spec }) => spec.group);

/** The names of the APIServices of a definition's versions, served or not. */
const namesOf = ({ spec }: CustomResourceDefinition): string[] =>
  spec.versions.map(({ name }) => `${name}.${spec.group}`);

/**
 * Keeps an APIService for each group version that this server serves itself: those of built-in kinds are put right once, those
 * of custom resources come and go with their definitions.
 */
export function apiServiceRegistration(options: ApiServiceRegistrationOptions): Runnable {
  const { informers, client, apis, clock, log } = options;
  const services = informers.of(apiServices);
  const definitions = informers.of(customResourceDefinitions).index(byGroup);
  const builtIn = new Map(builtInApiServices(apis).map((service) => [service.metadata.name!, service]));
  const atStart = new Set<string>();
  const settled = new Set<string>();

  const desiredFor = (name: string): APIService | undefined => {
    const dot = name.indexOf('.');
    const [version, group] = [name.slice(0, dot), name.slice(dot + 1)];
    const isServed = ({ spec }: CustomResourceDefinition) => spec.versions.some((v) => v.name === version && v.served);
    return (
      builtIn.get(name) ??
      (definitions.by(byGroup, group).some(isServed) ? customApiService({ group, version }) : undefined)
    );
  };

  const reconciler = new Reconciler({
    name: 'autoregister',
    clock,
    log,
    ready: async (signal) => {
      await Promise.all([services.whenSynced(signal), definitions.whenSynced(signal)]);
      for (const { metadata } of services.values()) atStart.add(metadata.name!);
    },
    async reconcile({ key: name, signal }) {
      const registration = { desired: desiredFor(name), atStart: atStart.has(name), settled: settled.has(name) };
      const change = apiServiceChange(services.get(name), registration);
      const resource = client.resource(apiServices);
      if (change?.verb === 'create') await resource.create(change.object, { signal });
      else if (change?.verb === 'update') await resource.update(change.object, { signal });
      else if (change) await resource.delete({ name }, { signal }).catch(unlessGone);
      settled.add(name);
    },
  });
  const add = (name: string) => reconciler.add(name);
  const noteService = ({ metadata }: APIService) => add(metadata.name!);
  const noteDefinition = (definition: CustomResourceDefinition) => namesOf(definition).forEach(add);
  services.on({ added: noteService, updated: (_, service) => noteService(service), deleted: noteService });
  definitions.on({
    added: noteDefinition,
    updated: (old, definition) => {
      // Most updates are of the status.
      if (old.spec === definition.spec) return;
      noteDefinition(old);
      noteDefinition(definition);
    },
    deleted: noteDefinition,
  });
  for (const name of builtIn.keys()) add(name);
  return reconciler;
}

function unlessGone(error: unknown): void {
  if (!isStatus(error, 'NotFound')) throw error;
}
