import { parseYaml, YamlError } from '../../../api/yaml.ts';
import { eventLimitsOf } from '../event-rate-limit/configuration.ts';
import { pluginNames } from '../plugin-names.ts';
import { nodeSelectorsOf } from '../pod-node-selector/configuration.ts';
import { podSecurityOf } from '../pod-security/configuration.ts';
import { clusterTolerationsOf } from '../pod-toleration-restriction/configuration.ts';
import { ConfigurationError, listOf, objectOf, typedObjectOf } from './fields.ts';

/** How plugins are configured: by their names, as it was written. */
export type PluginConfigurations = Readonly<Record<string, unknown>>;

/** Plugins that take a configuration, and how it is read. */
const readers: Readonly<Record<string, (value: unknown) => unknown>> = {
  PodSecurity: podSecurityOf,
  PodNodeSelector: nodeSelectorsOf,
  PodTolerationRestriction: clusterTolerationsOf,
  EventRateLimit: eventLimitsOf,
};

const kinds = [
  ['apiserver.config.k8s.io/v1', 'AdmissionConfiguration'],
  ['apiserver.k8s.io/v1alpha1', 'AdmissionConfiguration'],
] as const;

/**
 * Reads an AdmissionConfiguration, YAML or JSON; `readFile` reads what it names by path. What is enabled must be configured
 * as it has to be. Throws ConfigurationError. Source: apiserver `admission/config.go`, ReadAdmissionConfiguration.
 */
export function readAdmissionConfiguration(text: string, readFile: (path: string) => string): PluginConfigurations {
  const value = yamlOf(text);
  // As it was written before there was a kind for it.
  if (isOld(value)) return checked({ PodNodeSelector: value });
  const { plugins } = typedObjectOf(value, kinds, ['plugins']);
  const found: Record<string, unknown> = {};
  for (const [i, item] of listOf(plugins, 'plugins').entries()) {
    const { name, path, configuration } = objectOf(item, `plugins[${i}]`, ['name', 'path', 'configuration']);
    if (typeof name !== 'string') throw new ConfigurationError(`plugins[${i}].name must be a string`);
    if (Object.hasOwn(found, name)) continue;
    if (configuration !== undefined && configuration !== null) found[name] = configuration;
    else if (typeof path === 'string' && path !== '') found[name] = yamlOf(readFile(path));
  }
  return checked(found);
}

const isOld = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !('kind' in value) && 'podNodeSelectorPluginConfig' in value;

function yamlOf(text: string): unknown {
  try {
    return parseYaml(text).value;
  } catch (error) {
    if (error instanceof YamlError) throw new ConfigurationError(error.message);
    throw error;
  }
}

function checked(found: PluginConfigurations): PluginConfigurations {
  for (const [name, value] of Object.entries(found)) {
    if (!pluginNames.includes(name)) throw new ConfigurationError(`unknown admission plugin: ${name}`);
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (!read) throw new ConfigurationError(`krill does not configure the admission plugin ${JSON.stringify(name)}`);
    named(name, () => read(value));
  }
  return found;
}

/** What a plugin says of its configuration, told as kube-apiserver does. */
function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new ConfigurationError(`couldn't init admission plugin ${JSON.stringify(name)}: ${error.message}`);
  }
}

/** What is wrong with what is enabled and how it is configured; nothing where it will do. */
export function problemsOfConfiguration(enabled: readonly string[], found: PluginConfigurations): string[] {
  try {
    checked(found);
    // It cannot do without.
    if (enabled.includes('EventRateLimit')) named('EventRateLimit', () => eventLimitsOf(found['EventRateLimit']));
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return [error.message];
    throw error;
  }
}
