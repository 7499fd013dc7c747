/** How much past is kept: what is older than `ms`, or more than `rows` or `bytes` ago, may go. */
export interface Reach {
  readonly ms: number;
  readonly rows: number;
  readonly bytes: number;
}

/** A revision, when it was reached (steady milliseconds), and the value bytes written up to it. */
export interface Mark {
  readonly revision: number;
  readonly at: number;
  readonly bytes: number;
}

const markEvery = 1000;

/** Remembers about once a second which revision had been reached, to say how far back a given reach goes. */
export class Floors {
  #marks: Mark[] = [];
  #bytes = 0;
  #revision = 0;

  /** Notes rows written. Returns whether a mark was set: the moment to look at the floors. */
  note(revision: number, at: number, bytes: number): boolean {
    this.#bytes += bytes;
    this.#revision = revision;
    const last = this.#marks.at(-1);
    if (last && at - last.at < markEvery) return false;
    this.#marks.push({ revision, at, bytes: this.#bytes });
    return true;
  }

  /** The newest revision that lies beyond `reach`; 0 when none does. */
  floor(reach: Reach, now: number): number {
    let floor = 0;
    for (const mark of this.#marks) {
      const beyond =
        now - mark.at > reach.ms ||
        this.#revision - mark.revision > reach.rows ||
        this.#bytes - mark.bytes > reach.bytes;
      if (!beyond) break;
      floor = mark.revision;
    }
    // Between two marks many rows may have come at once.
    return Math.max(floor, this.#revision - 2 * reach.rows);
  }

  /** Forgets marks below `revision`. */
  trim(revision: number): void {
    const kept = this.#marks.findIndex((mark) => mark.revision >= revision);
    if (kept > 0) this.#marks.splice(0, kept);
  }

  get marks(): readonly Mark[] {
    return this.#marks;
  }
}
