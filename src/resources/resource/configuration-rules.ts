import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { DeviceConfiguration, OpaqueDeviceConfiguration } from '../../api/types/resource-v1.gen.ts';
import { driverName } from './names.ts';

/** What drivers are told about devices, in their own words. Source: resource/validation. */

const maxParameters = 10 * 1024;

/** A JSON object of at most so many bytes. `stored` ones may be longer: the limit is younger than they. */
export function rawObject(errors: ErrorList, path: FieldPath, value: unknown, max: number, stored = false): void {
  if (value === undefined || value === null) errors.required(path);
  else if (!stored && Buffer.byteLength(JSON.stringify(value)) > max) errors.tooLong(path, max);
  else if (typeof value !== 'object' || Array.isArray(value)) {
    errors.invalid(path, '<value omitted>', 'must be a valid JSON object');
  }
}

function opaque(errors: ErrorList, path: FieldPath, value: OpaqueDeviceConfiguration, stored: boolean): void {
  driverName(errors, path.child('driver'), value.driver);
  rawObject(errors, path.child('parameters'), value.parameters, maxParameters, stored);
}

export function configuration(errors: ErrorList, path: FieldPath, value: DeviceConfiguration, stored = false): void {
  if (value.opaque) opaque(errors, path.child('opaque'), value.opaque, stored);
  else errors.required(path.child('opaque'));
}
