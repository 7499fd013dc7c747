import { services } from '../../api/kinds.gen.ts';
import type { Logger } from '../../base/log.ts';
import type { Scope } from '../../base/scope.ts';
import type { Client } from '../../client/client.ts';
import { ApiEventRecorder } from '../../client/event-recorder.ts';
import type { NodeMachine, Runtime } from '../../node/runtime.ts';
import type { ClaimCache } from '../claim-cache.ts';
import type { ConfigCache } from '../config-cache.ts';
import type { KubeletOptions } from '../contract.ts';
import { referenceOf } from '../event-reference.ts';
import type { ImageManager } from '../images.ts';
import type { PodEnvironment } from '../pod-worker/environment.ts';
import type { Tokens } from '../tokens.ts';

/** What all kubelets of a manager have in common. */
export interface Shared {
  readonly log: Logger;
  readonly scope: Scope;
  readonly configs: ConfigCache;
  readonly claims: ClaimCache;
  readonly tokens: Tokens;
  /** The images of a runtime. */
  readonly images: (runtime: Runtime) => ImageManager;
}

/** A node, its own identity, and its machine once it is up. */
interface Place {
  readonly name: string;
  readonly runtime: Runtime;
  readonly client: Client;
  readonly machine: () => NodeMachine | undefined;
}

const apiServer = { namespace: 'default', name: 'kubernetes' };

/** What the pods of one node find around them. */
export function podEnvironment(options: KubeletOptions, shared: Shared, place: Place): PodEnvironment {
  const { clock, ids, informers, clusterDNS, clusterDomain, resolver } = options;
  const { log, scope, configs, claims, tokens } = shared;
  const { name: node, runtime, client, machine } = place;
  let recorder: ApiEventRecorder | undefined;
  const known = informers.of(services);
  return {
    node,
    runtime,
    dialer: runtime,
    clock,
    ids,
    log,
    scope,
    client,
    images: shared.images(runtime),
    configs,
    claims,
    tokens,
    dns: {
      clusterDNS,
      clusterDomain,
      nodeNameservers: resolver?.nameservers ?? [],
      nodeSearches: resolver?.searches ?? [],
    },
    hostIPs: () => addressesOf(machine()),
    allocatable: () => machine()?.allocatable ?? {},
    services: (namespace) => {
      const own = known.list(namespace);
      const main = namespace === apiServer.namespace ? undefined : known.get(apiServer);
      return main ? [...own, main] : own;
    },
    tell: (pod, container, type, reason, message) => {
      recorder ??= new ApiEventRecorder({ client, component: 'kubelet', host: node, clock, log });
      recorder.event(referenceOf(pod, container), type, reason, message);
    },
  };
}

const addressesOf = (machine: NodeMachine | undefined): string[] =>
  (machine?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address);
