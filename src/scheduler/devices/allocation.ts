import type { NodeSelector, NodeSelectorRequirement } from '../../api/types/core-v1.gen.ts';
import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
} from '../../api/types/resource-v1.gen.ts';
import { type Amounts, written } from './capacity.ts';
import type { ClaimDemand, DeviceDemand } from './demands.ts';
import type { OfferedDevice } from './device.ts';

/** A device that was chosen for a demand. */
export interface Choice {
  readonly demand: DeviceDemand;
  readonly device: OfferedDevice;
  /** Of a device with several users: which use of it this is, and how much. */
  readonly share?: { readonly id: string; readonly amounts: Amounts };
}

/** What was chosen for a claim. */
export interface ChosenDevices {
  readonly demand: ClaimDemand;
  /** By request: the alternative that was taken. */
  readonly alternatives: readonly DeviceDemand[];
  readonly choices: readonly Choice[];
}

/** The allocation as the claim's status has it, for the node it was made for. */
export function allocationOf({ demand, alternatives, choices }: ChosenDevices, node: string): AllocationResult {
  const config = configurations(demand, alternatives);
  const nodeSelector = selectorFor(choices, node);
  return {
    devices: { results: choices.map(result), ...(config.length > 0 && { config }) },
    ...(nodeSelector && { nodeSelector }),
  };
}

function result({ demand, device: { device, pool }, device: offered, share }: Choice): DeviceRequestAllocationResult {
  const { bindingConditions, bindingFailureConditions } = device;
  return {
    request: demand.name,
    driver: pool.driver,
    pool: pool.name,
    device: device.name,
    ...(demand.adminAccess && { adminAccess: true }),
    ...(demand.tolerations.length > 0 && { tolerations: demand.tolerations }),
    ...(bindingConditions && { bindingConditions }),
    ...(bindingFailureConditions && { bindingFailureConditions }),
    ...(share && { shareID: share.id }),
    ...(share && share.amounts.size > 0 && { consumedCapacity: written(offered, share.amounts) }),
  };
}

/** Those of the classes, each once for all requests of the class; then the claim's own that concern what was taken. */
function configurations({ claim }: ClaimDemand, taken: readonly DeviceDemand[]): DeviceAllocationConfiguration[] {
  const classes = new Map(taken.map((demand) => [demand.class.metadata.name, demand.class]));
  const ofClasses = [...classes.values()].flatMap(({ metadata, spec }) => {
    const requests = taken.filter((demand) => demand.class.metadata.name === metadata.name).map(({ name }) => name);
    return (spec.config ?? []).map((config) => ({ source: 'FromClass' as const, requests, ...config }));
  });
  const own = claim.spec.devices?.config ?? [];
  const concerned = own.filter(
    ({ requests = [] }) =>
      requests.length === 0 || taken.some(({ request, name }) => requests.includes(request) || requests.includes(name)),
  );
  return [...ofClasses, ...concerned.map((config) => ({ source: 'FromClaim' as const, ...config }))];
}

/** Where the devices can be used: on this node alone, on the nodes they all reach, or anywhere (undefined). */
function selectorFor(choices: readonly Choice[], node: string): NodeSelector | undefined {
  const fields: NodeSelectorRequirement[] = [];
  const expressions: NodeSelectorRequirement[] = [];
  for (const { device } of choices) {
    const { device: own, slice } = device;
    const { nodeName, nodeSelector } = slice.spec.perDeviceNodeSelection ? own : slice.spec;
    if (nodeName || own.bindsToNode) {
      const only: NodeSelectorRequirement = { key: 'metadata.name', operator: 'In', values: [node] };
      return { nodeSelectorTerms: [{ matchFields: [only] }] };
    }
    const term = nodeSelector?.nodeSelectorTerms[0];
    addNew(fields, term?.matchFields);
    addNew(expressions, term?.matchExpressions);
  }
  if (fields.length === 0 && expressions.length === 0) return undefined;
  const matchFields = fields.length > 0 && { matchFields: fields };
  return { nodeSelectorTerms: [{ ...matchFields, ...(expressions.length > 0 && { matchExpressions: expressions }) }] };
}

function addNew(to: NodeSelectorRequirement[], more: readonly NodeSelectorRequirement[] = []): void {
  const text = ({ key, operator, values = [] }: NodeSelectorRequirement) =>
    JSON.stringify([key, operator, [...values].sort()]);
  for (const requirement of more) if (!to.some((other) => text(other) === text(requirement))) to.push(requirement);
}
