import type { FlowClassifier } from '../flowcontrol/classifier.ts';
import { isLongRunning } from '../long-running.ts';
import type { Filter } from './filter.ts';

/**
 * Notes which flow schema a request belongs to; its answer says so. Streams belong to none. Requests do not queue: what
 * bounds them is the number under way. Source: apiserver `server/filters/priority-and-fairness.go`.
 */
export const flowControl =
  (classifier: FlowClassifier): Filter =>
  (request) => {
    if (request.info.verb !== 'watch' && isLongRunning(request)) return;
    request.flow = classifier.classify(request.user, request.info);
  };
