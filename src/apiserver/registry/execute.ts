import type { ListMeta } from '../../api/object.ts';
import { StatusError, unknownPath } from '../../api/status.ts';
import type { Entry } from '../../store/store.ts';
import { bind } from './binding.ts';
import { create } from './create.ts';
import { remove } from './delete.ts';
import { removeCollection } from './delete-collection.ts';
import { evict } from './eviction.ts';
import { get } from './get.ts';
import { list } from './list.ts';
import type { Operation, Registry, Result } from './operation.ts';
import { patch } from './patch.ts';
import { rollBack } from './rollback.ts';
import { getScale, patchScale, updateScale } from './scale.ts';
import type { Served } from './served.ts';
import { refuseSettled } from './settled.ts';
import { update } from './update.ts';
import { toWorking } from './versions.ts';
import { checkWriteOptions } from './write-options.ts';

/** What any verb but watch and connect answers. */
export type Answer = Result | { readonly as: 'list'; readonly entries: readonly Entry[]; readonly metadata: ListMeta };

export type Handler = (registry: Registry, op: Operation) => Answer | Promise<Answer>;

const asList = (result: { entries: readonly Entry[]; metadata: ListMeta }): Answer => ({
  as: 'list',
  entries: result.entries,
  metadata: result.metadata,
});

/** The verbs of a stored resource. */
const main: Readonly<Record<string, Handler>> = {
  get,
  list: (registry, op) => {
    const result = list(registry, op);
    return result instanceof Promise ? result.then(asList) : asList(result);
  },
  create,
  update,
  patch,
  delete: remove,
  deletecollection: async (registry, op) => asList(await removeCollection(registry, op)),
};

/** Subresources that are the whole object, of which one part may be changed. */
const whole: Readonly<Record<string, Handler>> = { get, update, patch };
const subresources: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  status: whole,
  finalize: whole,
  approval: whole,
  scale: { get: getScale, update: updateScale, patch: patchScale },
  binding: { create: bind },
  eviction: { create: evict },
  rollback: { create: rollBack },
  ephemeralcontainers: whole,
  resize: whole,
};

/** Handlers that other parts bring in, by "resource.group" or "resource.group/subresource": reviews, tokens, bindings. */
export type VirtualHandlers = Readonly<Record<string, Handler>>;

const reads: ReadonlySet<string> = new Set(['get', 'list']);

/** Whether a resource or subresource offers a verb at all. Throws 404 for an unknown subresource, 405 for the verb. */
export function checkOffered(served: Served, verb: string, subresource: string): void {
  const sub = subresource ? served.subresources.get(subresource) : undefined;
  if (subresource && !sub) throw unknownPath();
  const offered = sub ? sub.verbs.includes(verb) : served.verbs.has(verb);
  if (!offered) throw methodNotAllowedHere();
}

export const methodNotAllowedHere = () =>
  new StatusError('MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

/** An operation on what is asked and never stored, as its handler knows it. The answer is turned back when it is sent. */
function inStoredVersion(op: Operation): Operation {
  const { served, object, subresource } = op;
  if (!served.stored || served.storage !== '' || subresource) return op;
  if (object) toWorking(served, object);
  return { ...op, served: served.stored };
}

/** Runs an authorized operation. */
export function execute(
  registry: Registry,
  virtual: VirtualHandlers,
  verb: string,
  op: Operation,
): Answer | Promise<Answer> {
  const { served, subresource } = op;
  checkOffered(served, verb, subresource);
  checkWriteOptions(verb, op);
  const special = virtual[subresource ? `${served.qualified}/${subresource}` : served.qualified];
  if (special) return special(registry, inStoredVersion(op));
  const handler = (subresource ? subresources[subresource] : main)?.[verb];
  if (!handler || served.storage === '') throw methodNotAllowedHere();
  const answer = handler(registry, op);
  if (reads.has(verb) || !(answer instanceof Promise)) return answer;
  return answer.catch((error: unknown) => refuseSettled(registry, op, error));
}
