import type { DeviceTaint } from '../../api/types/resource-v1.gen.ts';
import type { DeviceTaintRule } from '../../api/types/resource-v1beta2.gen.ts';

/** What names a device. */
export interface DeviceRef {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
}

/** Whether a rule taints a device. One without a selector taints none, one with an empty selector all. */
export function ruleSelects({ spec }: DeviceTaintRule, { driver, pool, device }: DeviceRef): boolean {
  const { deviceSelector: selector } = spec;
  if (!selector) return false;
  const fits = (wanted: string | undefined, has: string) => wanted === undefined || wanted === has;
  return fits(selector.driver, driver) && fits(selector.pool, pool) && fits(selector.device, device);
}

/** The taints that rules give a device, besides its own. */
export const taintsByRules = (rules: readonly DeviceTaintRule[], device: DeviceRef): DeviceTaint[] =>
  rules.filter((rule) => ruleSelects(rule, device)).map(({ spec }) => spec.taint);
