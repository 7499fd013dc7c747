import type { LoopDelay } from '../../base/loop-delay.ts';
import type { Store } from '../../store/store.ts';
import { seatLines } from '../flowcontrol/seats.ts';
import type { RequestMetrics } from '../metrics/requests.ts';
import type { ServedTable } from '../registry/served.ts';
import { headersFor } from '../respond.ts';
import type { Page } from '../serve.ts';

/** /metrics in Prometheus text; `others` are the figures of the rest of the cluster. */
export function metricsPage(
  metrics: RequestMetrics,
  store: Store,
  table: ServedTable,
  delay: LoopDelay,
  others: () => Iterable<string> = () => [],
): Page {
  return (request) => {
    const lines = [
      ...metrics.lines(),
      ...seatLines(store),
      ...objectLines(store, table),
      ...processLines(),
      ...loopLines(delay),
      ...others(),
    ];
    const headers = headersFor(request, 'text/plain; version=0.0.4; charset=utf-8');
    request.exchange.respond(200, headers, `${lines.join('\n')}\n`);
  };
}

function* objectLines(store: Store, table: ServedTable): Iterable<string> {
  yield '# HELP apiserver_storage_objects Stored objects by resource.';
  yield '# TYPE apiserver_storage_objects gauge';
  const seen = new Set<string>();
  for (const { storage } of table.all()) {
    if (!storage || seen.has(storage)) continue;
    seen.add(storage);
    yield `apiserver_storage_objects{resource="${storage}"} ${store.count(storage)}`;
  }
  yield '# TYPE apiserver_storage_revision counter';
  yield `apiserver_storage_revision ${store.revision}`;
}

function* processLines(): Iterable<string> {
  const { rss, heapUsed } = process.memoryUsage();
  const cpu = process.cpuUsage();
  yield '# TYPE process_cpu_seconds_total counter';
  yield `process_cpu_seconds_total ${(cpu.user + cpu.system) / 1e6}`;
  yield '# TYPE process_resident_memory_bytes gauge';
  yield `process_resident_memory_bytes ${rss}`;
  yield '# TYPE nodejs_heap_size_used_bytes gauge';
  yield `nodejs_heap_size_used_bytes ${heapUsed}`;
}

function* loopLines(delay: LoopDelay): Iterable<string> {
  yield '# HELP nodejs_eventloop_lag_p99_seconds How late the event loop ran, between the last two readings of this page.';
  for (const [name, seconds] of Object.entries(delay.read())) {
    yield `# TYPE nodejs_eventloop_lag_${name}_seconds gauge`;
    yield `nodejs_eventloop_lag_${name}_seconds ${seconds}`;
  }
}
