import type { PriorityLevelConfiguration } from '../../api/types/flowcontrol-v1.gen.ts';
import type { Store } from '../../store/store.ts';
import { maxReads, maxWrites } from '../filters/in-flight.ts';
import { storedFlows } from './classifier.ts';
import { levelsByName } from './flow-order.ts';

const sharesOf = ({ spec }: PriorityLevelConfiguration): number =>
  (spec?.limited ?? spec?.exempt)?.nominalConcurrencyShares ?? 0;

/**
 * How many of the requests that may be under way are a priority level's by its shares. Source: apiserver
 * `util/flowcontrol/apf_controller.go`, finishQueueSetReconfigsLocked.
 */
export function nominalSeats(levels: Iterable<PriorityLevelConfiguration>): Map<string, number> {
  const all = [...levels];
  const sum = all.reduce((total, level) => total + sharesOf(level), 0);
  return new Map(
    all.map((level) => [
      level.metadata.name!,
      sum === 0 ? 0 : Math.ceil(((maxReads + maxWrites) * sharesOf(level)) / sum),
    ]),
  );
}

/** Prometheus text. */
export function* seatLines(store: Store): Iterable<string> {
  const name = 'apiserver_flowcontrol_nominal_limit_seats';
  yield `# HELP ${name} Nominal number of execution seats configured for each priority level.`;
  yield `# TYPE ${name} gauge`;
  for (const [level, seats] of nominalSeats(levelsByName(storedFlows(store).levels).values()))
    yield `${name}{priority_level="${level}"} ${seats}`;
}
