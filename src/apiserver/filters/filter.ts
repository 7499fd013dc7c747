import type { ApiRequest } from '../request.ts';

/** One step before a request is served. It refuses by throwing a StatusError. Stays synchronous where it can. */
export type Filter = (request: ApiRequest) => void | Promise<void>;

/** Runs filters in order; synchronous for as long as they are. */
export function runFilters(filters: readonly Filter[], request: ApiRequest, start = 0): void | Promise<void> {
  for (let i = start; i < filters.length; i++) {
    const running = filters[i]!(request);
    if (running) return running.then(() => runFilters(filters, request, i + 1));
  }
}
