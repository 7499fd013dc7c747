import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { isQuantity } from '../api/quantity.ts';
import { templateOf } from '../kubelet/node/template.ts';
import type { NodeTemplate } from '../node/runtime.ts';
import { CliError } from './errors.ts';

/** What every node has of its own. */
const ownLabels = ['kubernetes.io/hostname'];
const ownInfo = ['machineID', 'systemUUID', 'bootID'];

const without = <T extends object>(object: T, keys: readonly string[]): T =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key))) as T;

/** Reads what simulated nodes are to be like from a file with a Node object. Throws what is wrong with it. */
export function readNodeTemplate(file: string): NodeTemplate {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(`--node-template ${file} cannot be read`, (error as Error).message);
  }
  const refuse = (why: string) => {
    throw new CliError(`--node-template ${file} is not possible`, why);
  };
  let node: Parameters<typeof templateOf>[0] | undefined;
  try {
    node = parse(text);
  } catch (error) {
    refuse(`it is not YAML: ${(error as Error).message}`);
  }
  if (node?.kind !== 'Node' || node.apiVersion !== 'v1')
    refuse('it must be one object with apiVersion: v1 and kind: Node');
  const template = templateOf(node!);
  const amounts = (field: 'capacity' | 'allocatable') => {
    const entries = Object.entries(template[field] ?? {}).map(([name, value]) => [name, String(value)] as const);
    const wrong = entries.find(([, value]) => !isQuantity(value));
    if (wrong) refuse(`status.${field}.${wrong[0]}: ${JSON.stringify(wrong[1])} is not a quantity`);
    return entries.length > 0 && { [field]: Object.fromEntries(entries) };
  };
  const { addresses: _, labels, info, ...common } = template;
  return {
    ...common,
    ...(labels && { labels: without(labels, ownLabels) }),
    ...(info && { info: without(info, ownInfo) }),
    ...amounts('capacity'),
    ...amounts('allocatable'),
  };
}
