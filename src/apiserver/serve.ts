import { unknownPath } from '../api/status.ts';
import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Aggregator } from './aggregation/aggregator.ts';
import { statusOf } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { type Filter, runFilters } from './filters/filter.ts';
import type { RequestMetrics } from './metrics/requests.ts';
import { methodNotAllowedHere } from './registry/execute.ts';
import { ApiRequest } from './request.ts';
import { respondStatus } from './respond.ts';
import { type ResourceParts, serveResource } from './serve-resource.ts';

/** Serves a path that is no resource. */
export type Page = (request: ApiRequest) => void | Promise<void>;

export interface ServeParts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly filters: readonly Filter[];
  readonly aggregator: Aggregator;
  readonly resources: ResourceParts;
  /** The page at a path; undefined where there is none. */
  readonly page: (path: string) => Page | undefined;
  readonly metrics: RequestMetrics;
}

/** The outermost handler: everything below it may throw, and nothing thrown leaves it. */
export function createServe(parts: ServeParts): (exchange: Exchange) => void {
  return (exchange) => {
    const request = new ApiRequest(exchange, parts.ids.uid(), parts.clock.steady());
    parts.metrics.track(request);
    try {
      const filtering = runFilters(parts.filters, request);
      const serving = filtering ? filtering.then(() => dispatch(parts, request)) : dispatch(parts, request);
      if (serving) serving.catch((error) => fail(parts.log, request, error));
    } catch (error) {
      fail(parts.log, request, error);
    }
  };
}

function dispatch(parts: ServeParts, request: ApiRequest): void | Promise<void> {
  const foreign = parts.aggregator.route(request.info);
  if (foreign) return parts.aggregator.serve(foreign, request);
  if (request.info.isResource) return serveResource(parts.resources, request);
  const page = parts.page(request.info.path);
  if (!page) throw unknownPath();
  if (request.info.verb !== 'get' && request.info.verb !== 'head') throw methodNotAllowedHere();
  return page(request);
}

/** Answers with the Status of an error. The only place where the unknown becomes a 500, logged with the request's id. */
export function fail(log: Logger, request: ApiRequest, error: unknown): void {
  const status = statusOf(error);
  if (status.code >= 500 && status.cause !== undefined) {
    log.error('request failed unexpectedly', {
      request: request.id,
      method: request.exchange.method,
      path: request.exchange.path,
      error: status.cause,
    });
  }
  try {
    respondStatus(request, status);
  } catch (second) {
    log.error('an error could not be answered', { request: request.id, error: second });
  }
}
