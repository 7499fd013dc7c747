import type { Mutable } from '../../api/object.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionStatus } from '../../api/types/apiextensions-v1.gen.ts';
import { own } from '../registry/equality.ts';
import type { Allotment } from '../registry/operation.ts';
import type { Served, ServedTable } from '../registry/served.ts';
import { isTrue, storageVersionOf } from './definition.ts';
import type { Convert } from './forms.ts';
import { NameBook } from './names.ts';
import { type ServedKind, serveKind, servesTheSame } from './serve-kind.ts';
import { planStatus } from './status-plan.ts';

export interface DefinitionsParts {
  readonly table: ServedTable;
  readonly convert: (crd: CustomResourceDefinition) => Convert | undefined;
  /** Wall time. */
  readonly now: () => number;
  /** Resolves when no change of a definition is under way; undefined when none is. */
  readonly unchanging: (name: string) => Promise<void> | undefined;
  /** The status of a definition should be another. */
  readonly onStatus: (name: string) => void;
  /** A definition is served, in this state from now on; or, undefined, no longer. */
  readonly onServed: (name: string, crd: CustomResourceDefinition | undefined) => void;
}

interface Known {
  /** With the status it should have, which may not be stored yet. */
  readonly crd: CustomResourceDefinition;
  readonly revision: number;
  readonly kind: ServedKind | undefined;
}

/**
 * All definitions and how they are served. A definition is served in the turn in which its write is shown, by the names it
 * is about to be given: its status only tells of it afterwards. Synchronous and without calls of its own.
 */
export class Definitions {
  readonly #parts: DefinitionsParts;
  readonly #known = new Map<string, Known>();
  /** Those that have not got all their names. */
  readonly #waiting = new Map<string, Known>();
  readonly #names = new NameBook();
  readonly #builtIn: ReadonlySet<string>;

  constructor(parts: DefinitionsParts) {
    this.#parts = parts;
    this.#builtIn = new Set([...parts.table.all()].map(place));
  }

  /**
   * Gives a definition that is being written the status it should have. Its names are kept for it until it is shown as
   * stored, or given back.
   */
  allot(crd: Mutable<CustomResourceDefinition>): Allotment {
    const name = crd.metadata.name ?? '';
    const status = this.#planned(crd);
    if (status !== crd.status) crd.status = own(status) as Mutable<CustomResourceDefinitionStatus>;
    this.#names.set(name, crd.spec.group, status.acceptedNames);
    return {
      giveBack: () => {
        const known = this.#known.get(name);
        if (known) this.#names.set(name, known.crd.spec.group, known.crd.status?.acceptedNames);
        else this.#names.remove(name);
      },
    };
  }

  /** The stored definition should have this status; undefined when it has it. */
  plan(crd: CustomResourceDefinition): CustomResourceDefinitionStatus | undefined {
    const status = this.#planned(crd);
    return status === crd.status ? undefined : status;
  }

  /** How a definition is served; undefined when it is not. */
  kind(name: string): ServedKind | undefined {
    return this.#known.get(name)?.kind;
  }

  /** The definitions there are at start. Names that were given before are given before any other. */
  load(stored: Iterable<{ readonly crd: CustomResourceDefinition; readonly revision: number }>): void {
    const all = [...stored];
    for (const { crd } of all) this.#names.set(crd.metadata.name!, crd.spec.group, crd.status?.acceptedNames);
    for (const { crd, revision } of all) this.set(crd, revision);
  }

  /** A definition was stored. */
  set(crd: CustomResourceDefinition, revision: number): void {
    const name = crd.metadata.name!;
    const status = this.#planned(crd);
    const planned = status === crd.status ? crd : { ...crd, status };
    const former = this.#known.get(name);
    this.#names.set(name, planned.spec.group, status.acceptedNames);
    const kind = this.#serve(planned, revision, former?.kind);
    const known = { crd: planned, revision, kind };
    this.#known.set(name, known);
    if (isTrue(planned, 'NamesAccepted')) this.#waiting.delete(name);
    else this.#waiting.set(name, known);
    if (planned !== crd) this.#parts.onStatus(name);
    if (former && namesText(former.crd) !== namesText(planned)) this.#replan(planned);
  }

  /** A definition is gone. */
  remove(crd: CustomResourceDefinition): void {
    const name = crd.metadata.name!;
    const former = this.#known.get(name);
    this.#known.delete(name);
    this.#names.remove(name);
    this.#waiting.delete(name);
    if (former?.kind) this.#withdraw(former.kind);
    if (former?.kind) this.#parts.onServed(name, undefined);
    this.#replan(crd);
  }

  #planned(crd: CustomResourceDefinition): CustomResourceDefinitionStatus {
    return planStatus({ crd, names: this.#names, now: this.#parts.now() });
  }

  /** Names have been freed: who wanted them may get them now. */
  #replan(freed: CustomResourceDefinition): void {
    for (const { crd, revision } of [...this.#waiting.values()])
      if (crd.spec.group === freed.spec.group && crd.metadata.name !== freed.metadata.name) this.set(crd, revision);
  }

  #serve(crd: CustomResourceDefinition, revision: number, former: ServedKind | undefined): ServedKind | undefined {
    const { table, convert, unchanging } = this.#parts;
    const servable = isServable(crd);
    if (servable && former && servesTheSame(former.definition, crd)) {
      const before = former.definition;
      former.definition = crd;
      if (isTrue(before, 'Terminating') !== isTrue(crd, 'Terminating')) table.touch();
      return former;
    }
    const kind = servable ? serveKind(crd, { convert, revision, unchanging, former }) : undefined;
    const free = (kind?.served ?? []).filter((version) => !this.#builtIn.has(place(version)));
    if (former) this.#withdraw(former, new Set(free.map(place)));
    for (const version of free) table.add(version);
    if (kind || former) this.#parts.onServed(crd.metadata.name!, kind && crd);
    return kind;
  }

  #withdraw(kind: ServedKind, kept: ReadonlySet<string> = new Set()): void {
    for (const version of kind.served) {
      const at = place(version);
      if (!kept.has(at) && !this.#builtIn.has(at))
        this.#parts.table.remove(version.group, version.version, version.resource);
    }
    kind.retire();
  }
}

const place = ({ group, version, resource }: Served): string => `${group}/${version}/${resource}`;

const namesText = (crd: CustomResourceDefinition) => JSON.stringify(crd.status?.acceptedNames);

/** Source: apiextensions `crdHandler.ServeHTTP`; without names or a storage version nothing could be. */
const isServable = (crd: CustomResourceDefinition): boolean =>
  (isTrue(crd, 'NamesAccepted') || isTrue(crd, 'Established')) &&
  crd.status?.acceptedNames?.plural === crd.spec.names.plural &&
  storageVersionOf(crd) !== undefined;
