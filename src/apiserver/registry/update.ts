import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { sameButTimes } from '../../api/managed-fields/entries.ts';
import { apiVersionOf, type KubeObject, type Mutable, thaw } from '../../api/object.ts';
import { badRequest, invalid, notFound, StatusError, staleWrite } from '../../api/status.ts';
import { type Entry, KeyMissing, RevisionMismatch } from '../../store/store.ts';
import type { Charge } from '../admission/admission.ts';
import { admissionRequest } from './admit.ts';
import { refuseCreate } from './authorize-create.ts';
import { type Behind, charged } from './charge.ts';
import { create, writeContext } from './create.ts';
import { sameSpec, sameTree } from './equality.ts';
import { keepSoundEntries, manage } from './manage.ts';
import { checkName, keepLife, settleNamespace, tidyMetadata } from './metadata.ts';
import { keyOf, named, type Operation, type Registry, type Result } from './operation.ts';
import { refuseUnmet } from './preconditions.ts';
import { applyDefaults, checkChanged, checksOf } from './shape.ts';
import { toStored, toWorking, whenEntriesReady, working } from './versions.ts';

/** PUT of a resource or of a subresource that holds the whole object (status, finalize, …). */
export async function update(registry: Registry, op: Operation): Promise<Result> {
  const object = op.object;
  if (!object) throw badRequest('the request body is empty');
  settleNamespace(op, object);
  checkName(op, object);
  const head = registry.store.head(keyOf(op));
  if (!head) {
    if (op.served.rules.createOnUpdate && op.subresource === '') {
      refuseCreate(registry, op);
      return await create(registry, op);
    }
    throw notFound(named(op), op.name);
  }
  const asked = revisionAsked(op, object);
  toWorking(op.served, object);
  if (asked !== undefined) {
    refuseStale(op, head, asked);
    return await replace(registry, op, head, object);
  }
  // Without a resourceVersion the write wins over whatever is there, so it follows the head. Each attempt is of what was
  // asked for: admission changes the object.
  return await onNewestHead(registry, op, (newest) => replace(registry, op, newest, thaw(object)));
}

/**
 * The resourceVersion that a write depends on; undefined for one that wins over whatever is there, which "0" asks for as
 * well as none. Throws the 422 Status where the kind has no such writes. Source: apiserver registry `store.go`, Update.
 */
export function revisionAsked(op: Operation, object: KubeObject): string | undefined {
  const asked = object.metadata.resourceVersion;
  if (asked && asked !== '0') return asked;
  if (op.served.rules.unconditionalUpdate !== false) return undefined;
  const errors = new ErrorList();
  errors.invalid(FieldPath.of('metadata').child('resourceVersion'), 0, 'must be specified for an update');
  throw invalid({ group: op.served.group, kind: op.served.resource }, op.name, errors.errors);
}

/** Refuses a resourceVersion that is not the head's. Source of the 409: apiserver registry, OptimisticLockErrorMsg. */
export function refuseStale(op: Operation, head: Entry, asked: string | undefined): void {
  if (asked !== undefined && asked !== String(head.revision)) throw staleWrite(named(op), op.name);
}

/** Tries a write against the newest head until no other write comes between. */
export async function onNewestHead(
  registry: Registry,
  op: Operation,
  write: (head: Entry) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    const head = registry.store.head(keyOf(op));
    if (!head) throw notFound(named(op), op.name);
    try {
      return await write(head);
    } catch (error) {
      // Only an asynchronous admission plugin lets others in between, so a few attempts are plenty.
      if (!(error instanceof Moved) || attempt === maxAttempts) throw error;
    }
  }
}

const maxAttempts = 10;

/** Another write came between reading the head and storing. It is a 409 for whoever does not try again. */
export class Moved extends StatusError {
  constructor(op: Operation) {
    const status = staleWrite(named(op), op.name);
    super('Conflict', status.message, status.status.details);
  }
}

/** Everything between a decoded new state and the stored one. `head` is what it was derived from. */
export const replace = async (
  registry: Registry,
  op: Operation,
  head: Entry,
  object: Mutable<KubeObject>,
): Promise<Result> => await whenEntriesReady(op.served, [head], () => replaceReady(registry, op, head, object));

async function replaceReady(
  registry: Registry,
  op: Operation,
  head: Entry,
  object: Mutable<KubeObject>,
): Promise<Result> {
  const { rules } = op.served;
  const loading = rules.loads?.();
  if (loading) await loading;
  const old = working(op.served, head.object);
  refusePreconditions(op, object, old);
  keepIdentity(object, old);
  applyDefaults(op.served, object);
  const managing = manage(registry, op, object, old);
  if (managing) await managing;
  const request = op.admitted ?? admissionRequest(op, 'UPDATE', object, old);
  const entries = object.metadata.managedFields;
  const mutating = op.admitted ? false : registry.admission.mutate(request);
  if (mutating instanceof Promise ? await mutating : mutating) {
    // What came from outside may have left it out.
    keepIdentity(object, old);
    applyDefaults(op.served, object);
  }
  keepSoundEntries(op, object, entries);
  prepareUpdate(registry, op, object, old);
  tidyMetadata(object.metadata);
  const allotment = op.subresource === '' ? registry.allocators[op.served.storage]?.(object) : undefined;
  let charge: Charge | undefined;
  try {
    refuseInvalid(registry, op, object, old);
    if (op.subresource === '') for (const text of rules.warnings?.(object, old) ?? []) op.warn(text);
    const validating = registry.admission.validate(request);
    if (validating) await validating;
    charge = registry.admission.charge(request);
    const result = await store(registry, op, head, old, object, [allotment, charge]);
    if (op.options.dryRun) allotment?.giveBack();
    return result;
  } catch (error) {
    allotment?.giveBack();
    throw error;
  } finally {
    charge?.release();
  }
}

function keepIdentity(object: Mutable<KubeObject>, old: KubeObject): void {
  keepLife(object, old);
  object.metadata.resourceVersion = old.metadata.resourceVersion!;
}

/** Runs the checks every kind has, then those of the kind for this endpoint; throws all findings together. */
function refuseInvalid(registry: Registry, op: Operation, object: Mutable<KubeObject>, old: KubeObject): void {
  const errors = new ErrorList();
  checkChanged(op.served, object, old, errors);
  if (op.subresource === '') {
    const checks = checksOf(op.served);
    checks.validate?.(object, errors, old);
    checks.validateUpdate?.(object, old, errors);
  } else specialRules(op)?.validateUpdate?.(object, old, errors, writeContext(registry, op));
  for (const text of errors.warnings) op.warn(text);
  if (!errors.empty) throw invalid(op.served, op.name, errors.errors);
}

/** The kind's own rules for a subresource, where it has some. */
const specialRules = (op: Operation) =>
  op.subresource === 'status' ? op.served.rules.status : op.served.rules.subresources?.[op.subresource];

/** Keeps what the endpoint may not change, runs the kind's own hook, counts the generation. */
function prepareUpdate(registry: Registry, op: Operation, object: Mutable<KubeObject>, old: KubeObject): void {
  const { rules } = op.served;
  const context = writeContext(registry, op);
  const changed = changedBy[op.subresource];
  const special = specialRules(op);
  if (changed) keepAllBut(object, old, changed);
  special?.prepareUpdate?.(object, old, context);
  if (changed || special) {
    if (rules.generation && !changed && !sameSpec(object, old)) countGeneration(object, old);
    return;
  }
  if (op.served.subresources.has('status') && op.subresource === '') keepStatus(object, old);
  if (op.subresource === '') rules.prepareUpdate?.(object, old, context);
  if (rules.generation && !sameSpec(object, old, rules.generation === 'all')) countGeneration(object, old);
}

function countGeneration(object: Mutable<KubeObject>, old: KubeObject): void {
  object.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

/** The one field a subresource that takes the whole object may change. */
const changedBy: Readonly<Record<string, string>> = { status: 'status', approval: 'status', finalize: 'spec' };

/** Metadata passes, unless the kind's own hook holds it back. */
function keepAllBut(object: Mutable<KubeObject>, old: KubeObject, field: string): void {
  for (const key of Object.keys(object)) if (key !== field && key !== 'metadata' && !(key in old)) delete object[key];
  for (const key of Object.keys(old)) if (key !== field && key !== 'metadata') object[key] = old[key];
}

function keepStatus(object: Mutable<KubeObject>, old: KubeObject): void {
  if (old['status'] === undefined) delete object['status'];
  else object['status'] = old['status'];
}

/** A PUT is about the object with its uid, if it has one; a patch may not change it. */
function refusePreconditions(op: Operation, object: KubeObject, old: KubeObject): void {
  const { uid } = object.metadata;
  if (uid && !op.patch) refuseUnmet(op, { uid }, old);
  // Those of the options come from in-process callers only.
  const want = op.options.preconditions;
  if (want?.uid) refuseUnmet(op, { uid: want.uid }, old);
  if (want?.resourceVersion && want.resourceVersion !== old.metadata.resourceVersion)
    throw staleWrite(named(op), op.name);
}

async function store(
  registry: Registry,
  op: Operation,
  head: Entry,
  old: KubeObject,
  object: Mutable<KubeObject>,
  behind: readonly (Behind | undefined)[],
): Promise<Result> {
  const gone = endsNow(op, object);
  keepTimes(object, old);
  if (op.options.dryRun) return { as: 'object', code: 200, object };
  if (!gone && sameTree(object, old) && !wantsRewrite(op, head))
    return { as: 'entry', code: 200, entry: await durable(registry, op, head) };
  const options = op.options.lazy ? { lazy: true } : {};
  const stored = toStored(op.served, object);
  const final = stored instanceof Promise ? await stored : stored;
  try {
    const entry = gone
      ? await registry.store.delete(keyOf(op), head.revision, { ...options, lastState: final })
      : await charged(registry.store, keyOf(op), behind, () =>
          registry.store.update(keyOf(op), final, head.revision, options),
        );
    return { as: 'entry', code: 200, entry };
  } catch (error) {
    if (error instanceof RevisionMismatch) throw new Moved(op);
    if (error instanceof KeyMissing) throw notFound(named(op), op.name);
    throw error;
  }
}

/** A write that changes nothing but the times of its entries changes nothing. */
function keepTimes(object: Mutable<KubeObject>, old: KubeObject): void {
  const { managedFields } = object.metadata;
  const before = old.metadata.managedFields;
  if (managedFields === before || !before || !sameButTimes(managedFields, before)) return;
  object.metadata.managedFields = before as never;
  if (!sameTree(object, old)) object.metadata.managedFields = managedFields!;
}

/**
 * An update without a change still brings a custom resource to its storage version and to what its schema has become: how
 * objects are migrated.
 */
const wantsRewrite = ({ served }: Operation, { object }: Entry): boolean =>
  served.custom !== undefined &&
  (object.apiVersion !== apiVersionOf(served.rules) || served.custom.settled(object) !== object);

/** An update that changes nothing writes nothing, but may not show a state before it is durable. */
async function durable(registry: Registry, op: Operation, head: Entry): Promise<Entry> {
  if (registry.store.get(keyOf(op))?.revision !== head.revision) await registry.store.flush();
  return head;
}

/** Whether the last finalizer of an object that is being deleted is gone. Source: apiserver `ShouldDeleteDuringUpdate`. */
function endsNow(op: Operation, object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (!deletionTimestamp || (finalizers && finalizers.length > 0)) return false;
  if (deletionGracePeriodSeconds) return false;
  const held = (object['spec'] as { finalizers?: readonly string[] } | undefined)?.finalizers;
  return op.served.qualified !== 'namespaces' || !held || held.length === 0;
}
