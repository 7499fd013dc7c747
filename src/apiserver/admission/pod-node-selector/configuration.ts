import { ConfigurationError, objectOf, stringsOf } from '../configuration/fields.ts';
import { parseNodeSelector } from './selector.ts';

/** Selectors by namespace: what its pods may select at most. Under `clusterDefault` what pods of all others select. */
export type NodeSelectors = Readonly<Record<string, string>>;

export const clusterDefault = 'clusterDefaultNodeSelector';

/** Where nobody configures anything. */
export const noSelectors: NodeSelectors = {};

/** Reads `podNodeSelectorPluginConfig`. Throws ConfigurationError. */
export function nodeSelectorsOf(value: unknown): NodeSelectors {
  const { podNodeSelectorPluginConfig: config } = objectOf(value, '', ['podNodeSelectorPluginConfig']);
  const selectors = stringsOf(config, 'podNodeSelectorPluginConfig');
  for (const [name, text] of Object.entries(selectors)) {
    const { problem } = parseNodeSelector(text);
    if (problem !== undefined) throw new ConfigurationError(`podNodeSelectorPluginConfig[${name}]: ${problem}`);
  }
  return selectors;
}
