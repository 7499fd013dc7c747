import { isAbsolute } from 'node:path';
import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { qualifiedNameErrors } from '../../api/names.ts';
import { sameValue } from '../../api/object-meta.ts';
import { isExtendedResource } from '../../resources/rules/quantities.ts';
import { apiVersion, type WrittenProfile } from './decode.ts';
import { extensionPoints } from './known-plugins.ts';
import type { PluginSets } from './plugin-sets.ts';
import type { ExtenderConfig, PluginArgs } from './types.ts';
import { validateArgs } from './validate-args.ts';

/** What is checked before the plugins are put in order. */
export interface Unchecked {
  readonly parallelism: number;
  readonly percentageOfNodesToScore: number;
  readonly podInitialBackoffSeconds: number;
  readonly podMaxBackoffSeconds: number;
  readonly profiles: readonly { readonly written: WrittenProfile; readonly args: PluginArgs }[];
  readonly extenders: readonly ExtenderConfig[];
}

const root = (name: string) => FieldPath.of(name);

/** Every finding, in upstream's order and words (apis/config/validation `validation.go`). */
export function validateConfig(config: Unchecked): ErrorList {
  const errors = new ErrorList();
  const { parallelism, podInitialBackoffSeconds: initial, podMaxBackoffSeconds: most } = config;
  if (parallelism <= 0) {
    errors.invalid(root('parallelism'), parallelism, 'should be an integer value greater than zero');
  }
  validateProfiles(errors, root('profiles'), config.profiles);
  validatePercentage(errors, root('percentageOfNodesToScore'), config.percentageOfNodesToScore);
  if (initial <= 0) errors.invalid(root('podInitialBackoffSeconds'), initial, 'must be greater than 0');
  if (most < initial) {
    const text = 'must be greater than or equal to PodInitialBackoffSeconds';
    errors.invalid(root('podMaxBackoffSeconds'), most, text);
  }
  validateExtenders(errors, root('extenders'), config.extenders);
  return errors;
}

function validatePercentage(errors: ErrorList, path: FieldPath, percentage: number | undefined): void {
  if (percentage !== undefined && (percentage < 0 || percentage > 100)) {
    errors.invalid(path, percentage, 'not in valid range [0-100]');
  }
}

function validateProfiles(errors: ErrorList, path: FieldPath, profiles: Unchecked['profiles']): void {
  const seen = new Map<string, number>();
  for (const [i, { written, args }] of profiles.entries()) {
    const at = path.index(i);
    const name = written.schedulerName ?? '';
    if (!name) errors.required(at.child('schedulerName'));
    validatePercentage(errors, at.child('percentageOfNodesToScore'), written.percentageOfNodesToScore);
    validatePlugins(errors, at.child('plugins'), written.plugins ?? {});
    validatePluginConfig(errors, at.child('pluginConfig'), written, args);
    const first = seen.get(name);
    if (first !== undefined) {
      errors.duplicate(at.child('schedulerName'), path.index(first).child('schedulerName').toString());
    }
    seen.set(name, i);
  }
  validateQueueSort(
    errors,
    path,
    profiles.map(({ written }) => written.plugins ?? {}),
  );
}

/** Plugins that v1 of the configuration has no more. */
const removed = ['AzureDiskLimits', 'CinderLimits', 'EBSLimits', 'GCEPDLimits'];
const removedText = `was invalid in version ${JSON.stringify(apiVersion)} (KubeSchedulerConfiguration is version ${JSON.stringify(apiVersion)})`;

function validatePlugins(errors: ErrorList, path: FieldPath, sets: PluginSets): void {
  for (const point of [...Object.keys(extensionPoints), 'multiPoint'] as (keyof PluginSets)[]) {
    for (const [i, { name }] of (sets[point]?.enabled ?? []).entries()) {
      if (removed.includes(name)) errors.invalid(path.child(point, 'enabled').index(i), name, removedText);
    }
  }
}

function validatePluginConfig(errors: ErrorList, path: FieldPath, written: WrittenProfile, args: PluginArgs): void {
  const seen = new Set<string>();
  for (const [i, { name }] of (written.pluginConfig ?? []).entries()) {
    const at = path.index(i);
    if (seen.has(name)) errors.duplicate(at, name);
    seen.add(name);
    if (removed.includes(name)) errors.invalid(at, name, removedText);
    else validateArgs(errors, at.child('args'), name, args);
  }
}

function validateQueueSort(errors: ErrorList, path: FieldPath, profiles: readonly PluginSets[]): void {
  const first = profiles[0]?.queueSort;
  const count = first?.enabled?.length ?? 0;
  if (count > 1) {
    const at = path.index(0).child('plugins', 'queueSort', 'Enabled');
    errors.invalid(at, count, 'only one queue sort plugin can be enabled');
  }
  for (const [i, { queueSort }] of profiles.entries()) {
    if (sameValue(first, queueSort)) continue;
    errors.invalid(path.index(i).child('plugins', 'queueSort'), queueSort ?? {}, 'must be the same for all profiles');
  }
}

function validateExtenders(errors: ErrorList, path: FieldPath, extenders: readonly ExtenderConfig[]): void {
  const seen = new Set<string>();
  for (const [i, { prioritizeVerb, weight = 0, managedResources = [], tlsConfig = {} }] of extenders.entries()) {
    const at = path.index(i);
    for (const name of ['caFile', 'certFile', 'keyFile'] as const) {
      const file = tlsConfig[name];
      // The server works in a folder of its own.
      if (file && !isAbsolute(file)) errors.invalid(at.child('tlsConfig', name), file, 'must be an absolute path');
    }
    if (prioritizeVerb && weight <= 0) {
      errors.invalid(at.child('weight'), weight, 'must have a positive weight applied to it');
    }
    for (const [j, { name }] of managedResources.entries()) {
      const place = at.child('managedResources').index(j).child('name');
      const texts = qualifiedNameErrors(name);
      for (const text of texts) errors.invalid(place, name, text);
      if (texts.length === 0 && !isExtendedResource(name)) {
        errors.invalid(place, name, 'is an invalid extended resource name');
      }
      if (seen.has(name)) errors.invalid(place, name, 'duplicate extender managed resource name');
      seen.add(name);
    }
  }
  const binders = extenders.filter(({ bindVerb }) => bindVerb).length;
  if (binders > 1) {
    errors.invalid(path, `found ${binders} extenders implementing bind`, 'only one extender can implement bind');
  }
}
