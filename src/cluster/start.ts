import { mkdir } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { serviceUnavailable } from '../api/status.ts';
import { createApiServer } from '../apiserver/server.ts';
import { IdleCollection } from '../base/idle-collection.ts';
import { Scope } from '../base/scope.ts';
import { apiServerUser } from '../controllers/users.ts';
import { dayOf } from '../resources/core/service-account-token.ts';
import type { RevisionStore } from '../store/revision-store.ts';
import { ensureObjects } from './bootstrap/ensure.ts';
import { ensureFixedObjects, resourceOf } from './bootstrap/fixed-objects.ts';
import { keepFlowControl } from './bootstrap/flow-control.ts';
import { keepObjects, settle } from './bootstrap/keep.ts';
import { standardStorageClass, systemNamespaces } from './bootstrap/objects.ts';
import { OwnObjects } from './bootstrap/own-objects.ts';
import type { ClusterOptions, StartCluster } from './contract.ts';
import { loadFrontProxy } from './front-proxy.ts';
import { loadIdentity, tokenIssuer } from './identity.ts';
import { lateGateway } from './late-gateway.ts';
import { addressIn, clusterNodes, dnsOffset, kubernetesOffset } from './layout.ts';
import { type OpenMachines, prepareDocker, prepareSimulated } from './machines.ts';
import { type Parts, startParts } from './parts.ts';
import { loopback, servePods } from './reach.ts';
import { running } from './running.ts';
import { keepSchedulerConfig } from './scheduler-settings.ts';
import { type ClusterSettings, readSettings, writeSettings } from './settings.ts';
import { serveStages } from './stages.ts';
import { StartSteps } from './steps.ts';
import { newSettings, termsOf } from './terms.ts';

/** This machine's first address that is not a loopback: what simulated clusters name as their API server's. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.find((a) => a.family === 'IPv4' && !a.internal)?.address ?? '';
}

/** The bundle's own folder, where the build puts the node image. */
const ownFolder = () => fileURLToPath(new URL('.', import.meta.url));

/**
 * Starts a cluster, or takes up one whose data folder exists. The order is the list of steps below: the API server
 * takes writes as soon as the first namespaces are durable; machines, controllers and nodes follow, and `ready` tells
 * when they are there.
 */
export const startCluster: StartCluster = async (options, onStep = () => undefined) => {
  const { clock, ids, log } = options;
  const scope = new Scope((task, error) => log.error('a part of the cluster failed', { task, error }));
  const steps = new StartSteps(clock, onStep);
  try {
    const onDisk = options.store === 'file' ? options.dataDir : undefined;
    if (onDisk) await mkdir(onDisk, { recursive: true, mode: 0o700 });
    const stored = onDisk ? readSettings(onDisk) : undefined;
    const terms = termsOf(options, stored, onDisk);
    const { services, apis, admission, chosen, schedulerConfig } = terms;
    const idle = new IdleCollection(clock);
    scope.defer(() => idle.close());
    const openMachines = prepareMachines(options, stored?.runtime ?? options.runtime, scope);
    const [[identity, frontProxy], store] = await Promise.all([
      steps.run('keys', () =>
        Promise.all([loadIdentity(onDisk, clock, ids, services), loadFrontProxy(onDisk, clock, ids)]),
      ),
      steps.run('store', () => openStore(options, () => idle.notice())),
    ]);
    scope.defer(() => store.close());
    let parts: Parts | undefined;
    const kubelets = Promise.withResolvers<Parts['gateway']>();
    kubelets.promise.catch(() => undefined);
    const gateway = lateGateway(kubelets.promise);
    const api = createApiServer({
      store,
      clock,
      ids,
      log,
      serviceAccounts: { key: identity.tokenKey, issuer: tokenIssuer },
      frontProxy,
      serviceRange: services,
      apis,
      admission,
      nodes: () => gateway,
      commit: buildCommit(),
      metrics: () => parts?.metrics() ?? [],
      health: [{ name: 'store', check: () => (store.stats.readOnly ? 'the store takes no writes' : undefined) }],
    });
    scope.defer(() => api.close());
    const admin = api.transport(apiServerUser);
    // The class is its users' from then on: one that they delete or change stays so.
    const first = stored ? systemNamespaces : [...systemNamespaces, standardStorageClass];
    await steps.run('namespaces', () => ensureObjects(admin, resourceOf, first, 'create'));
    const tls = { cert: identity.serving.certPem, key: identity.serving.keyPem, clientCa: identity.caPem };
    const { port } = await steps.run('API server', () =>
      api.listen({ host: loopback, port: stored?.port || options.port, tls }),
    );

    const settings = stored ?? newSettings(options, terms, port);
    let current = settings;
    const save = async (changed: ClusterSettings) => {
      current = changed;
      if (onDisk) await writeSettings(onDisk, changed);
    };
    if (!stored) await save(settings);
    if (onDisk && options.schedulerConfig !== undefined) await keepSchedulerConfig(onDisk, options.schedulerConfig);

    // Nobody refuses anything to a new cluster.
    const settled = (what: string, work: () => Promise<void>) =>
      stored ? settle({ scope, clock, log }, what, work) : work();
    let reach = '';
    const rest = async (): Promise<void> => {
      const runtime = settings.runtime === 'docker' ? 'Docker' : 'simulated nodes';
      const [machines] = await Promise.all([
        steps.run(runtime, () =>
          openMachines({
            name: settings.name,
            uid: settings.uid,
            stored: settings.subnets.pods === '' ? undefined : settings.subnets,
          }),
        ),
        steps.run('roles', () => settled('roles', () => ensureFixedObjects(admin, apis))),
      ]);
      const running = startParts({
        options,
        transport: (user) => api.transport(user),
        foreign: () => api.foreignVersions(),
        machines,
        caPem: identity.caPem,
        authority: identity.authority,
        tokenKey: identity.tokenKey,
        dnsIP: addressIn(services, dnsOffset),
        apis,
        chosen,
        schedulerConfig,
        nodes: clusterNodes(settings, machines.subnets.pods),
        scope,
      });
      parts = running;
      kubelets.resolve(running.gateway);
      const ports = await servePods(machines, running, api, tls, { ...settings.hostReach, own: port });
      await save({ ...current, subnets: machines.subnets, hostReach: machines.reach ? ports : settings.hostReach });
      const own = new OwnObjects(admin, {
        ...ports,
        url: `https://${loopback}:${port}`,
        serviceCIDR: services,
        kubernetesIP: addressIn(services, kubernetesOffset),
        dnsIP: addressIn(services, dnsOffset),
        caPem: identity.caPem,
        frontProxyCaPem: frontProxy.caPem,
        today: dayOf(clock.wall()),
      });
      const known = machines.reach ? machines.reach.address : ownAddress();
      if (known !== undefined) await settled('own objects', () => own.reachedAt(known));
      scope.spawn('own objects', (signal) =>
        keepObjects({ transport: admin, resourceOf, clock, log, kept: () => own.kept }, signal),
      );
      scope.spawn('flow control', (signal) => keepFlowControl({ transport: admin, clock, log }, signal));
      const staged = serveStages(running, admin, resourceOf, scope.signal);
      staged.catch((error: unknown) => {
        if (!scope.signal.aborted) log.error('stages are not served', { error });
      });
      await steps.run('nodes Ready', () => running.nodesReady);
      // Who waits for simulated nodes may apply stages at once.
      const simulates = settings.runtime === 'simulated' || settings.simulatedNodes;
      if (simulates && !options.without?.includes('kubelets')) await staged.catch(() => undefined);
      const { reach: way } = machines;
      if (!way || settings.nodes === 0) return;
      const found = await way.probe('node-1', ports, scope.signal).catch((error: unknown) => {
        if (known === undefined) throw error;
        log.error('pods cannot reach the control plane', { error });
        return undefined;
      });
      reach = found ? `${found.strategy} ${found.address}` : 'blocked';
      if (found && known === undefined) await settled('own objects', () => own.reachedAt(found.address));
    };
    const ready = new Promise<void>((resolve, reject) => {
      scope.spawn('start', async () => {
        try {
          // Whoever waits for the API server hears of it before the rest takes the loop.
          await new Promise<void>((resolveTurn) => setImmediate(resolveTurn));
          await rest();
          resolve();
        } catch (error) {
          kubelets.reject(serviceUnavailable('the nodes of the cluster could not be started'));
          reject(error);
          throw error;
        }
      });
    });
    ready.catch(() => undefined);
    return running({
      options,
      api,
      identity,
      port,
      steps,
      scope,
      ready,
      parts: () => parts,
      settings: () => current,
      reach: () => reach,
    });
  } catch (error) {
    await scope.close();
    throw error;
  }
};

async function openStore(options: ClusterOptions, onCommit: () => void): Promise<RevisionStore> {
  const { clock, ids, log } = options;
  if (options.store === 'memory') {
    const { createMemoryStore } = await import('../store/memory-store.ts');
    return createMemoryStore({ clock, ids, logger: log, onCommit });
  }
  const { openFileStore } = await import('../store/file-store.ts');
  return openFileStore({ folder: options.dataDir, clock, ids, logger: log, onCommit });
}

function prepareMachines(options: ClusterOptions, runtime: ClusterSettings['runtime'], scope: Scope): OpenMachines {
  const { clock, log } = options;
  const machineOptions = { assets: options.assets ?? ownFolder(), clock, log, scope };
  return runtime === 'docker' ? prepareDocker(machineOptions) : prepareSimulated(machineOptions);
}

declare const KRILL_COMMIT: string | undefined;

/** The commit this bundle was built from; "unknown" when run from the sources. */
const buildCommit = () => (typeof KRILL_COMMIT === 'string' ? KRILL_COMMIT : 'unknown');
