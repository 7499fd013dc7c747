/**
 * Figures, told in the text format of Prometheus. A series of a metric is named by its labels as they are written there,
 * `a="x",b="y"`: who counts often writes them without ceremony.
 */
export interface Metric {
  lines(): Iterable<string>;
}

/** Labels as text, for values that may hold anything. */
export function labels(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`)
    .join();
}

/** So many bounds, each `factor` times the one before. */
export const exponential = (start: number, factor: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => start * factor ** i);

function* head(name: string, help: string, type: string): Iterable<string> {
  yield `# HELP ${name} ${help}`;
  yield `# TYPE ${name} ${type}`;
}

const line = (name: string, series: string, value: number) => `${name}${series && `{${series}}`} ${value}`;

/** Something that is counted. */
export class Counter implements Metric {
  readonly #name: string;
  readonly #help: string;
  readonly #totals = new Map<string, number>();

  /** `first` are series that are told though nothing has been counted yet. */
  constructor(name: string, help: string, ...first: readonly string[]) {
    this.#name = name;
    this.#help = help;
    for (const series of first) this.#totals.set(series, 0);
  }

  add(series = ''): void {
    this.#totals.set(series, (this.#totals.get(series) ?? 0) + 1);
  }

  *lines(): Iterable<string> {
    yield* head(this.#name, this.#help, 'counter');
    for (const [series, total] of this.#totals) yield line(this.#name, series, total);
  }
}

/** Something that is read when it is asked for. */
export class Gauge implements Metric {
  readonly #name: string;
  readonly #help: string;
  readonly #read: () => Iterable<readonly [series: string, value: number]>;

  constructor(name: string, help: string, read: () => Iterable<readonly [series: string, value: number]>) {
    this.#name = name;
    this.#help = help;
    this.#read = read;
  }

  *lines(): Iterable<string> {
    yield* head(this.#name, this.#help, 'gauge');
    for (const [series, value] of this.#read()) yield line(this.#name, series, value);
  }
}

interface Distribution {
  count: number;
  sum: number;
  /** By bound: how many came up to it, but not to the one before. */
  readonly buckets: number[];
}

/** How observed values are distributed. */
export class Histogram implements Metric {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, Distribution>();

  /** `bounds` are the upper ones, in order. */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#name = name;
    this.#help = help;
    this.#bounds = bounds;
  }

  observe(value: number, series = ''): void {
    let known = this.#series.get(series);
    if (!known) this.#series.set(series, (known = { count: 0, sum: 0, buckets: this.#bounds.map(() => 0) }));
    known.count++;
    known.sum += value;
    const at = this.#bounds.findIndex((bound) => value <= bound);
    if (at >= 0) known.buckets[at]!++;
  }

  *lines(): Iterable<string> {
    const name = this.#name;
    yield* head(name, this.#help, 'histogram');
    for (const [series, { count, sum, buckets }] of this.#series) {
      const upTo = (bound: number | string) => `${series}${series && ','}le="${bound}"`;
      let below = 0;
      for (const [i, bound] of this.#bounds.entries()) {
        below += buckets[i]!;
        yield line(`${name}_bucket`, upTo(bound), below);
      }
      yield line(`${name}_bucket`, upTo('+Inf'), count);
      yield line(`${name}_sum`, series, sum);
      yield line(`${name}_count`, series, count);
    }
  }
}
