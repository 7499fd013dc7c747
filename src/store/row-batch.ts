import type { Row, RowType } from './log.ts';

/** A batch as it crosses to the worker: few objects, the values in one transferable block. */
export interface RowBatch {
  readonly keys: readonly string[];
  readonly revisions: Float64Array<ArrayBuffer>;
  readonly previous: Float64Array<ArrayBuffer>;
  readonly times: Float64Array<ArrayBuffer>;
  readonly types: Uint8Array<ArrayBuffer>;
  /** Length of each value; -1 where there is none. */
  readonly lengths: Int32Array<ArrayBuffer>;
  readonly values: Uint8Array<ArrayBuffer>;
}

export function packRows(rows: readonly Row[]): RowBatch {
  let total = 0;
  for (const { value } of rows) total += value?.length ?? 0;
  const batch: RowBatch = {
    keys: rows.map(({ key }) => key),
    revisions: new Float64Array(rows.length),
    previous: new Float64Array(rows.length),
    times: new Float64Array(rows.length),
    types: new Uint8Array(rows.length),
    lengths: new Int32Array(rows.length),
    values: new Uint8Array(total),
  };
  let offset = 0;
  for (let i = 0; i < rows.length; i++) {
    const { revision, previous, time, type, value } = rows[i]!;
    batch.revisions[i] = revision;
    batch.previous[i] = previous;
    batch.times[i] = time;
    batch.types[i] = type;
    batch.lengths[i] = value ? value.length : -1;
    if (!value) continue;
    batch.values.set(value, offset);
    offset += value.length;
  }
  return batch;
}

export function* unpackRows(batch: RowBatch): Generator<Row> {
  const values = Buffer.from(batch.values.buffer);
  let offset = 0;
  for (let i = 0; i < batch.keys.length; i++) {
    const length = batch.lengths[i]!;
    yield {
      key: batch.keys[i]!,
      revision: batch.revisions[i]!,
      previous: batch.previous[i]!,
      time: batch.times[i]!,
      type: batch.types[i]! as RowType,
      value: length < 0 ? undefined : values.subarray(offset, offset + length),
    };
    if (length > 0) offset += length;
  }
}
