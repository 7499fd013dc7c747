import type { Format } from './negotiate.ts';
import type { IncludeObject } from './table.ts';

/** How a body is to be written: the negotiated format and what the query adds to it. */
export interface BodyStyle {
  readonly format: Format;
  readonly include: IncludeObject;
  /** Where the bytes of a list are put; they may be reused when the answer is over. */
  readonly allocate: (size: number) => Buffer;
}

export type Body = Buffer | string;
