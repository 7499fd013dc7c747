import type { ErrorList } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import type { DeviceTaintRule } from '../../api/types/resource-v1beta2.gen.ts';
import type { WriteContext } from '../resource.ts';
import { label } from '../rules/check.ts';
import { conditions } from '../rules/conditions.ts';
import { dropStatus, keepStatus, timeOf } from '../rules/status.ts';
import { specPath, statusPath } from '../rules/workloads.ts';
import { driverName, poolName } from './names.ts';
import { taint } from './toleration-rules.ts';

/** Rules of DeviceTaintRules. Source: resource/validation and the strategy of devicetaintrule. */

const maxConditions = 8;

/** A taint that does not say since when it is there is there since now. */
export function prepareTaintRule(object: Mutable<DeviceTaintRule>, context: WriteContext): void {
  dropStatus(object);
  if (object.spec?.taint) object.spec.taint.timeAdded ??= timeOf(context);
}

/** One with another effect is there since now, too, unless it says otherwise. */
export function prepareTaintRuleUpdate(
  object: Mutable<DeviceTaintRule>,
  old: DeviceTaintRule,
  context: WriteContext,
): void {
  keepStatus(object, old);
  const { taint: now } = object.spec;
  const before = old.spec.taint;
  if (!now) return;
  const untouched = now.timeAdded === undefined || now.timeAdded === before.timeAdded;
  if (untouched && now.effect !== before.effect) now.timeAdded = timeOf(context);
  else now.timeAdded ??= timeOf(context);
}

export function validateTaintRule({ spec }: DeviceTaintRule, errors: ErrorList): void {
  const { driver, pool, device } = spec.deviceSelector ?? {};
  const at = specPath.child('deviceSelector');
  if (driver !== undefined) driverName(errors, at.child('driver'), driver);
  if (pool !== undefined) poolName(errors, at.child('pool'), pool);
  if (device !== undefined) label(errors, at.child('device'), device);
  taint(errors, specPath.child('taint'), spec.taint);
}

export function validateTaintRuleStatus({ status }: DeviceTaintRule, _old: DeviceTaintRule, errors: ErrorList): void {
  const at = statusPath.child('conditions');
  const list = status?.conditions ?? [];
  conditions(errors, at, list);
  if (list.length > maxConditions) errors.tooMany(at, list.length, maxConditions);
}
