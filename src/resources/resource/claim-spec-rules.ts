import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { comparable } from '../../api/json-number.ts';
import type { Mutable } from '../../api/object.ts';
import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSubRequest,
  ExactDeviceRequest,
  ResourceClaimSpec,
} from '../../api/types/resource-v1.gen.ts';
import { label, reference } from '../rules/check.ts';
import { configuration } from './configuration-rules.ts';
import { distinctUpTo, fullAttributeName, upTo } from './names.ts';
import { selectors } from './selector-rules.ts';
import { tolerations } from './toleration-rules.ts';

/** The spec of a resource claim, on its own and in templates. Source: resource/validation and resource/v1 defaults. */

export const maxRequests = 32;
const maxConstraints = 32;
export const maxConfigurations = 32;
const maxAlternatives = 8;

type Asked = ExactDeviceRequest | DeviceSubRequest;

function countDefaults(request: Mutable<Asked>): void {
  request.allocationMode ||= 'ExactCount';
  if (request.allocationMode === 'ExactCount') request.count ||= 1;
}

export function claimSpecDefaults(spec: Mutable<ResourceClaimSpec> | undefined): void {
  for (const { exactly, firstAvailable } of spec?.devices?.requests ?? []) {
    if (exactly) countDefaults(exactly);
    for (const alternative of firstAvailable ?? []) countDefaults(alternative);
  }
}

/** Requests of a claim by name, each with the names of its alternatives. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>;

export const requestNames = (claim: DeviceClaim | undefined): RequestNames =>
  new Map(
    (claim?.requests ?? []).map(({ name, firstAvailable }) => [
      name,
      new Set((firstAvailable ?? []).map((alternative) => alternative.name)),
    ]),
  );

const unknownRequest =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

export const requestReference =
  (names: RequestNames) =>
  (errors: ErrorList, path: FieldPath, name: string): void => {
    const parts = name.split('/');
    const [request = '', alternative, ...more] = parts;
    if (more.length === 0) for (const part of parts) label(errors, path, part);
    const found = names.get(request);
    const known = found && more.length === 0 && (alternative === undefined || found.has(alternative));
    if (!known) errors.invalid(path, name, unknownRequest);
  };

/** Names of requests that something is about, each once. */
export function requestReferences(
  errors: ErrorList,
  path: FieldPath,
  list: readonly string[] | undefined,
  names: RequestNames,
): void {
  distinctUpTo(errors, path, list, maxRequests, requestReference(names), (name) => name);
}

function count(errors: ErrorList, path: FieldPath, { allocationMode: mode, count: devices = 0 }: Asked): void {
  const at = path.child('count');
  if (mode === 'All') {
    if (devices !== 0) errors.invalid(at, devices, "must not be specified when allocationMode is 'All'");
  } else if (mode === 'ExactCount') {
    if (comparable(devices) <= 0) errors.invalid(at, devices, 'must be greater than zero');
  } else errors.notSupported(path.child('allocationMode'), mode ?? '', ['All', 'ExactCount'], 'given');
}

function asked(errors: ErrorList, path: FieldPath, request: Asked): void {
  reference(errors, path.child('deviceClassName'), request.deviceClassName);
  selectors(errors, path.child('selectors'), request.selectors);
  count(errors, path, request);
  tolerations(errors, path.child('tolerations'), request.tolerations);
}

function alternative(errors: ErrorList, path: FieldPath, request: DeviceSubRequest): void {
  label(errors, path.child('name'), request.name);
  asked(errors, path, request);
}

const oneKind = 'exactly one of `exactly` or `firstAvailable` is required';

function request(errors: ErrorList, path: FieldPath, { name, exactly, firstAvailable }: DeviceRequest): void {
  label(errors, path.child('name'), name);
  if (exactly && firstAvailable?.length) errors.invalid(path, null, `${oneKind}, but multiple fields are set`);
  else if (exactly) asked(errors, path.child('exactly'), exactly);
  else if (firstAvailable?.length) {
    const at = path.child('firstAvailable');
    distinctUpTo(errors, at, firstAvailable, maxAlternatives, alternative, (item) => item.name);
  } else errors.required(path, oneKind);
}

/** Upstream says "multiple fields" of none too. */
const oneAttribute = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';

function constraint(errors: ErrorList, path: FieldPath, value: DeviceConstraint, names: RequestNames): void {
  requestReferences(errors, path.child('requests'), value.requests, names);
  const field = (['matchAttribute', 'distinctAttribute'] as const).find((name) => value[name] !== undefined);
  if (field) fullAttributeName(errors, path.child(field), value[field]!);
  else errors.required(path, oneAttribute);
}

export function claimSpec(errors: ErrorList, path: FieldPath, spec: ResourceClaimSpec | undefined): void {
  const claim = spec?.devices;
  const names = requestNames(claim);
  const at = path.child('devices');
  distinctUpTo(errors, at.child('requests'), claim?.requests, maxRequests, request, (item) => item.name);
  upTo(errors, at.child('constraints'), claim?.constraints, maxConstraints, (_, place, value) =>
    constraint(errors, place, value, names),
  );
  upTo(errors, at.child('config'), claim?.config, maxConfigurations, (_, place, value) => {
    requestReferences(errors, place.child('requests'), value.requests, names);
    configuration(errors, place, value);
  });
}
