import { isDeepStrictEqual } from 'node:util';
import { runtimeConfigText } from '../api/runtime-config.ts';
import type { ClusterSettings } from '../cluster/settings.ts';
import { defaultControllers } from '../controllers/names.ts';
import { CliError } from './errors.ts';
import type { Wanted } from './wishes.ts';

/** A wish of an option: what is asked for and what a cluster has, as both are shown. */
type Wish = readonly [flag: string, asked: unknown, has: unknown];

/** Refuses wishes that are other than what a cluster was made with. Throws `CliError`. */
export function refuseOtherWishes(wanted: Wanted, settings: ClusterSettings): void {
  const other = [...plainWishes(wanted, settings), ...admissionWishes(wanted, settings)].find(
    ([, asked, has]) => asked !== undefined && asked !== has,
  );
  if (!other) return;
  const [flag, asked, has] = other;
  throw new CliError(
    `cluster ${settings.name} was made with --${flag} ${has}, not ${asked}`,
    'a cluster keeps what it was made with',
    `krill delete ${settings.name} and make it again, or make another: krill up NAME --${flag} ${asked}`,
  );
}

function plainWishes(wanted: Wanted, settings: ClusterSettings): Wish[] {
  const { nodes, simulatedNodes, runtime, port, legacyApis, runtimeConfig, controllers } = wanted;
  const switched = runtimeConfigText(settings.runtimeConfig ?? {}) || 'nothing';
  const sameSwitches = isDeepStrictEqual(runtimeConfig, settings.runtimeConfig);
  return [
    ['nodes', nodes, settings.nodes],
    ['runtime', runtime === 'auto' ? undefined : runtime, settings.runtime],
    ['legacy-apis', legacyApis, settings.legacyApis ?? true],
    ['simulated-nodes', simulatedNodes, settings.simulatedNodes ?? 0],
    fileWish('node-template', wanted.nodeTemplate, settings.nodeTemplate),
    ['runtime-config', runtimeConfig && !sameSwitches ? runtimeConfigText(runtimeConfig) : undefined, switched],
    ['controllers', controllers?.join(), (settings.controllers ?? defaultControllers).join()],
    ['port', port || undefined, settings.port],
  ];
}

function admissionWishes({ admission }: Wanted, { admission: had = {} }: ClusterSettings): Wish[] {
  const shown = (names: readonly string[] | undefined) => names && (names.join() || 'nothing');
  return [
    ['enable-admission-plugins', shown(admission?.enable), shown(had.enable ?? [])],
    ['disable-admission-plugins', shown(admission?.disable), shown(had.disable ?? [])],
    fileWish('admission-control-config-file', admission?.configuration, had.configuration),
  ];
}

/** What a file says is not shown. */
function fileWish(flag: string, asked: unknown, has: unknown): Wish {
  const other = asked !== undefined && !isDeepStrictEqual(asked, has);
  return [flag, other ? 'this one' : undefined, has === undefined ? 'none' : 'another'];
}
