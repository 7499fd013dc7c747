import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaim,
  ResourceClaimConsumerReference,
  ResourceClaimStatus,
} from '../../api/types/resource-v1.gen.ts';
import type { UpdateRules } from '../resource.ts';
import { interfaceAddress } from '../rules/addresses.ts';
import { distinct, label, oneOf, present, unchanged } from '../rules/check.ts';
import { conditions } from '../rules/conditions.ts';
import { nodeSelector } from '../rules/scheduling.ts';
import { keepSpecAndMetadata } from '../rules/status.ts';
import { statusPath } from '../rules/workloads.ts';
import { bindingConditions } from './binding-condition-rules.ts';
import {
  maxConfigurations,
  maxRequests,
  type RequestNames,
  requestNames,
  requestReference,
  requestReferences,
} from './claim-spec-rules.ts';
import { configuration, rawObject } from './configuration-rules.ts';
import { distinctUpTo, driverName, poolName, upTo } from './names.ts';
import { tolerations } from './toleration-rules.ts';

/** The status of a resource claim: what it got, and who uses it. Source: resource/validation and its strategy. */

const maxReservations = 256;
const maxConditions = 8;
const maxData = 10 * 1024;
const maxInterfaceName = 256;
const maxHardwareAddress = 128;
const maxAddresses = 16;

interface DeviceId {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly shareID?: string;
}

const deviceId = ({ driver, pool, device }: DeviceId): string => `${driver}/${pool}/${device}`;
const sharedId = (device: DeviceId): string =>
  device.shareID === undefined ? deviceId(device) : `${deviceId(device)}/${device.shareID}`;

const resultsOf = (status: ResourceClaimStatus | undefined): readonly DeviceRequestAllocationResult[] =>
  status?.allocation?.devices?.results ?? [];

/** What drivers report of devices goes with the allocation. */
function dropFreed(status: Mutable<ResourceClaimStatus> | undefined, old: ResourceClaimStatus | undefined): void {
  if (!status?.devices) return;
  const kept = new Set(resultsOf(status as ResourceClaimStatus).map(deviceId));
  const freed = new Set(
    resultsOf(old)
      .map(deviceId)
      .filter((id) => !kept.has(id)),
  );
  const devices = status.devices.filter((device) => !freed.has(deviceId(device)));
  if (devices.length > 0) status.devices = devices;
  else delete status.devices;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const hex32 = /^[0-9a-f]{32}$/i;

/** Why a UUID library would not take a text, undefined when it does. Source: google/uuid Validate. */
function uuidError(text: string): string | undefined {
  const bare = text.length === 45 && /^urn:uuid:/i.test(text) ? text.slice(9) : text;
  const inner = bare.length === 38 ? bare.slice(1, -1) : bare;
  if (text.length === 45 && bare === text) return `invalid urn prefix: ${JSON.stringify(text.slice(0, 9))}`;
  if (![32, 36].includes(inner.length)) return `invalid UUID length: ${text.length}`;
  if (bare.length === 38 && !/^\{.*\}$/.test(bare)) return 'invalid bracketed UUID format';
  return (inner.length === 32 ? hex32 : uuid).test(inner) ? undefined : 'invalid UUID format';
}

function shareId(errors: ErrorList, path: FieldPath, id: string | undefined): void {
  if (id === undefined) return;
  const error = uuidError(id);
  if (error) errors.invalid(path, id, `error validating uid: ${error}`);
  else if (id.length !== 36 || id !== id.toLowerCase()) {
    const text =
      'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters';
    errors.invalid(path, id, text);
  }
}

function device(errors: ErrorList, path: FieldPath, value: DeviceId): void {
  driverName(errors, path.child('driver'), value.driver);
  poolName(errors, path.child('pool'), value.pool);
  label(errors, path.child('device'), value.device);
}

function allocated(
  errors: ErrorList,
  path: FieldPath,
  result: DeviceRequestAllocationResult,
  names: RequestNames,
): void {
  requestReference(names)(errors, path.child('request'), result.request);
  device(errors, path, result);
  bindingConditions(errors, path, result);
  tolerations(errors, path.child('tolerations'), result.tolerations);
  shareId(errors, path.child('shareID'), result.shareID);
}

function allocatedConfiguration(
  errors: ErrorList,
  path: FieldPath,
  value: DeviceAllocationConfiguration,
  names: RequestNames,
): void {
  oneOf(errors, path.child('source'), value.source, ['FromClaim', 'FromClass'], 'given');
  requestReferences(errors, path.child('requests'), value.requests, names);
  configuration(errors, path, value);
}

function allocation(errors: ErrorList, path: FieldPath, value: AllocationResult, names: RequestNames): void {
  const at = path.child('devices');
  upTo(errors, at.child('results'), value.devices?.results, maxRequests, (_, place, result) =>
    allocated(errors, place, result, names),
  );
  // Those of the class and those of the claim.
  upTo(errors, at.child('config'), value.devices?.config, 2 * maxConfigurations, (_, place, config) =>
    allocatedConfiguration(errors, place, config, names),
  );
  if (value.nodeSelector) nodeSelector(errors, path.child('nodeSelector'), value.nodeSelector);
}

function consumer(errors: ErrorList, path: FieldPath, { resource, name, uid }: ResourceClaimConsumerReference): void {
  present(errors, path.child('resource'), resource);
  present(errors, path.child('name'), name);
  present(errors, path.child('uid'), uid);
}

function network(errors: ErrorList, path: FieldPath, data: NetworkDeviceData): void {
  const { interfaceName = '', hardwareAddress = '' } = data;
  if (Buffer.byteLength(interfaceName) > maxInterfaceName)
    errors.tooLong(path.child('interfaceName'), maxInterfaceName);
  if (Buffer.byteLength(hardwareAddress) > maxHardwareAddress) {
    errors.tooLong(path.child('hardwareAddress'), maxHardwareAddress);
  }
  distinctUpTo(errors, path.child('ips'), data.ips, maxAddresses, interfaceAddress, (ip) => ip);
}

function report(errors: ErrorList, path: FieldPath, value: AllocatedDeviceStatus, known: ReadonlySet<string>): void {
  device(errors, path, value);
  shareId(errors, path.child('shareID'), value.shareID);
  const id = sharedId(value);
  if (!known.has(id)) errors.invalid(path, id, 'must be an allocated device in the claim');
  const list = value.conditions ?? [];
  if (list.length > maxConditions) errors.tooMany(path.child('conditions'), list.length, maxConditions);
  conditions(errors, path.child('conditions'), list);
  if (value.data !== undefined) rawObject(errors, path.child('data'), value.data, maxData);
  if (value.networkData) network(errors, path.child('networkData'), value.networkData);
}

/** Users may leave a claim that is being deleted; nobody may come. */
function reservations(errors: ErrorList, object: ResourceClaim, old: ResourceClaim): void {
  const at = statusPath.child('reservedFor');
  const now = object.status?.reservedFor ?? [];
  distinctUpTo(errors, at, now, maxReservations, consumer, (item) => item.uid);
  if (now.length === 0) return;
  if (!object.status?.allocation) errors.forbidden(at, 'may not be specified when `allocated` is not set');
  else if (object.metadata.deletionTimestamp) {
    const before = old.status?.reservedFor ?? [];
    if (now.every((item) => before.some((other) => sameValue(item, other)))) return;
    const text = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set';
    errors.forbidden(at, text);
  }
}

export const claimStatus: UpdateRules<ResourceClaim> = {
  prepareUpdate(object, old) {
    keepSpecAndMetadata(object, old);
    dropFreed(object.status, old.status);
  },
  validateUpdate(object, old, errors) {
    const { status } = object;
    reservations(errors, object, old);
    const known = new Set(resultsOf(status).map(sharedId));
    const reports = statusPath.child('devices');
    for (const [i, value] of (status?.devices ?? []).entries()) report(errors, reports.index(i), value, known);
    distinct(errors, status?.devices, sharedId, (i) => reports.index(i));
    const at = statusPath.child('allocation');
    if (status?.allocation && old.status?.allocation) unchanged(errors, at, status.allocation, old.status.allocation);
    else if (status?.allocation) allocation(errors, at, status.allocation, requestNames(object.spec?.devices));
  },
};
