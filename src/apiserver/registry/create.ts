import { ErrorList } from '../../api/field-errors.ts';
import type { KubeObject, Mutable } from '../../api/object.ts';
import { alreadyExists, badRequest, invalid, StatusError } from '../../api/status.ts';
import { KeyExists } from '../../store/store.ts';
import type { Charge } from '../admission/admission.ts';
import { admissionRequest } from './admit.ts';
import { type Behind, charged } from './charge.ts';
import { keepSoundEntries, manage } from './manage.ts';
import { beginLife, generatedName, settleNamespace, tidyMetadata } from './metadata.ts';
import { keyOf, named, type Operation, type Registry, type Result } from './operation.ts';
import { applyDefaults, checkNew, checksOf } from './shape.ts';
import { toStored, toWorking } from './versions.ts';

/** Tries of a generated name before the collision is the caller's. Source: apiserver, RetryGenerateName. */
const nameTries = 8;

/** POST of a resource. */
export async function create(registry: Registry, op: Operation): Promise<Result> {
  const object = op.object;
  if (!object) throw badRequest('the request body is empty');
  const { rules } = op.served;
  const loading = rules.loads?.();
  if (loading) await loading;
  settleNamespace(op, object);
  const { resourceVersion } = object.metadata;
  if (resourceVersion && resourceVersion !== '0')
    throw badRequest('resourceVersion should not be set on objects to be created');
  toWorking(op.served, object);
  applyDefaults(op.served, object);
  const managing = manage(registry, op, object, undefined);
  if (managing) await managing;
  const request = admissionRequest(op, 'CREATE', object, undefined);
  const entries = object.metadata.managedFields;
  const mutating = registry.admission.mutate(request);
  if (mutating instanceof Promise ? await mutating : mutating) applyDefaults(op.served, object);
  // A webhook may have moved it.
  settleNamespace(op, object);
  const base = object.metadata.name ? undefined : object.metadata.generateName;
  if (base) object.metadata.name = generatedName(registry, base);
  request.name = object.metadata.name ?? '';
  keepSoundEntries(op, object, entries);
  beginLife(registry, op, object);
  rules.prepareCreate?.(object, writeContext(registry, op));
  tidyMetadata(object.metadata);
  const allotment = registry.allocators[op.served.storage]?.(object);
  let charge: Charge | undefined;
  try {
    refuseInvalid(op, object);
    for (const text of rules.warnings?.(object, undefined) ?? []) op.warn(text);
    const validating = registry.admission.validate(request);
    if (validating) await validating;
    charge = registry.admission.charge(request);
    const result = await store(registry, op, object, [allotment, charge], base);
    if (op.options.dryRun) allotment?.giveBack();
    return result;
  } catch (error) {
    allotment?.giveBack();
    throw error;
  } finally {
    charge?.release();
  }
}

/** Stores a new object; with a `base` under another generated name when the first is taken. */
async function store(
  registry: Registry,
  op: Operation,
  object: Mutable<KubeObject>,
  behind: readonly (Behind | undefined)[],
  base: string | undefined,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    const key = keyOf(op, object.metadata.name);
    if (op.options.dryRun) {
      if (registry.store.head(key)) throw alreadyExists(named(op), key.name);
      return { as: 'object', code: 201, object };
    }
    try {
      const stored = toStored(op.served, object);
      const final = stored instanceof Promise ? await stored : stored;
      const options = op.options.lazy ? { lazy: true } : undefined;
      const entry = await charged(registry.store, key, behind, () => registry.store.create(key, final, options));
      return { as: 'entry', code: 201, entry };
    } catch (error) {
      if (!(error instanceof KeyExists)) throw error;
      if (!base) throw alreadyExists(named(op), key.name);
      if (attempt === nameTries) throw exhaustedNames(op, key.name);
      object.metadata.name = generatedName(registry, base);
    }
  }
}

function exhaustedNames(op: Operation, name: string): StatusError {
  const error = alreadyExists(named(op), name);
  return new StatusError(
    'AlreadyExists',
    `${error.message}, the server was not able to generate a unique name for the object`,
    {
      ...error.status.details,
      retryAfterSeconds: 1,
    },
  );
}

/** What write hooks may know. */
export const writeContext = (registry: Registry, op: Operation) => ({
  now: registry.clock.wall(),
  warn: op.warn,
  user: op.user,
  ...(op.subresource && { subresource: op.subresource }),
});

/** Runs the checks every kind has, then the kind's own; throws all findings together. */
function refuseInvalid(op: Operation, object: Mutable<KubeObject>): void {
  const errors = new ErrorList();
  checkNew(op.served, object, errors);
  const checks = checksOf(op.served);
  checks.validate?.(object, errors);
  checks.validateCreate?.(object, errors);
  if (!errors.empty) throw invalid(op.served, object.metadata.name ?? '', errors.errors);
}
