import type { KeyObject } from 'node:crypto';
import { type ServedApis, servedApis } from '../api/served-apis.ts';
import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Transport, UserInfo } from '../client/call.ts';
import { createClient } from '../client/client.ts';
import { ApiEventRecorder } from '../client/event-recorder.ts';
import type { Informers } from '../client/informers.ts';
import { keepRunning } from '../client/keep-running.ts';
import type { Runnable } from '../client/reconciler.ts';
import type { HostFolders } from '../node/runtime.ts';
import type { KeyedCertificate } from '../pki/certificates.ts';
import { apiServerIdentity } from './apiserver-leases.ts';
import { builtInResources, Catalog } from './catalog.ts';
import type { ControllerContext, ControllerDescriptor } from './controller.ts';
import type { ForeignGroupVersion } from './foreign-resources.ts';
import { controllers } from './index.ts';
import { controllerUser, managerUser } from './users.ts';

/** Everything the controllers need from outside. */
export interface ControllerEnvironment {
  /** The API server as an identity. */
  readonly transportFor: (user: UserInfo) => Transport;
  /** The shared caches, read as system:kube-controller-manager. They are run by their owner. */
  readonly informers: Informers;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly caPem: string;
  /** The CA with its key, to sign requests for certificates. */
  readonly authority?: KeyedCertificate;
  /** Signs the tokens of service accounts that are kept in Secrets. */
  readonly tokenKey?: KeyObject;
  readonly podCIDR: string;
  /** The folders behind volumes, where there are any. */
  readonly folders?: HostFolders;
  /** An image with a shell that every node has, where there is one. */
  readonly shellImage?: string;
  /** What the server serves: a default v1.36 and the old versions unless given. */
  readonly apis?: ServedApis;
  /** What other servers serve, behind APIServices; nothing unless given. */
  readonly foreign?: () => readonly ForeignGroupVersion[];
  /** The name of the machine that the API server runs on; "localhost" unless given. */
  readonly hostname?: string;
  /** Whether the controller of a name runs; all do unless given. */
  readonly runs?: (name: string) => boolean;
}

/**
 * Builds every controller that is not left out. Building only asks for informers; nothing is read or written before
 * `run`, which resolves when all controllers have ended. One that fails is logged, stops no other, and is built anew.
 */
export function createControllers(
  env: ControllerEnvironment,
  list: readonly ControllerDescriptor[] = controllers,
): Runnable {
  const { apis = servedApis() } = env;
  const reader = env.transportFor(managerUser);
  const catalog = new Catalog(env.informers, builtInResources(apis));
  const wanted = list.filter(
    ({ name, needs }) => (env.runs?.(name) ?? true) && (needs === undefined || apis.serves(needs)),
  );
  const running = wanted.map((descriptor) =>
    keepRunning({
      ...env,
      build: () => {
        const context = contextOf(descriptor, env, reader, catalog);
        const { built, release } = env.informers.collect(() => descriptor.build(context));
        return { part: built, release };
      },
      onFailure: (error, retryIn) =>
        env.log.error('controller failed', { controller: descriptor.name, error, retryIn: Math.round(retryIn) }),
    }),
  );
  return { run: async (signal) => void (await Promise.all(running.map((controller) => controller.run(signal)))) };
}

function contextOf(
  { name, account, component }: ControllerDescriptor,
  env: ControllerEnvironment,
  reader: Transport,
  catalog: Catalog,
): ControllerContext {
  const { informers, clock, ids, caPem, authority, tokenKey, podCIDR, folders, shellImage } = env;
  const { apis = servedApis(), hostname = 'localhost', foreign = () => [] } = env;
  const apiServer = apiServerIdentity(hostname);
  const log = env.log.child({ controller: name });
  const transport = env.transportFor(typeof account === 'string' ? controllerUser(account) : account);
  const client = createClient(transport, informers, 'kube-controller-manager');
  const recorder = new ApiEventRecorder({ client, component: component ?? name, clock, log });
  const given = {
    ...(authority && { authority }),
    ...(tokenKey && { tokenKey }),
    ...(folders && { folders }),
    ...(shellImage && { shellImage }),
  };
  return {
    name,
    client,
    informers,
    reader,
    recorder,
    catalog,
    foreign,
    clock,
    ids,
    log,
    caPem,
    podCIDR,
    apis,
    apiServer,
    ...given,
  };
}
