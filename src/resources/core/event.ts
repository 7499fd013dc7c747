import { since } from '../../api/human-duration.ts';
import type { Event } from '../../api/types/core-v1.gen.ts';
import { text, wide } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { validateEvent } from './event-rules.ts';
import { eventVersions } from './event-versions.ts';

const firstSeen = (event: Event, now: number): string => since(event.firstTimestamp ?? event.eventTime, now);

function lastSeen(event: Event, now: number): string {
  if (event.series) return since(event.series.lastObservedTime, now);
  return event.lastTimestamp ? since(event.lastTimestamp, now) : firstSeen(event, now);
}

function target({ involvedObject: { kind = '', name } }: Event): string {
  return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase();
}

function source(event: Event): string {
  const component = event.source?.component || event.reportingComponent || '';
  const instance = event.source?.host || event.reportingInstance || '';
  return instance ? `${component}, ${instance}` : component;
}

export const event = defineResource<Event>({
  group: '',
  version: 'v1',
  resource: 'events',
  kind: 'Event',
  createOnUpdate: true,
  defaultPropagation: 'Unsupported',
  validate: validateEvent,
  columns: [
    text('Last Seen', lastSeen),
    text('Type', (object) => object.type ?? ''),
    text('Reason', (object) => object.reason ?? ''),
    text('Object', target),
    wide('Subobject', (object) => object.involvedObject.fieldPath ?? ''),
    wide('Source', source),
    text('Message', (object) => (object.message ?? '').trim()),
    wide('First Seen', firstSeen),
    wide('Count', (object) => (object.series ? (object.series.count ?? 0) : object.count || 1)),
    { name: 'Name', type: 'string', format: 'name', priority: 1, value: (object) => object.metadata?.name ?? '' },
  ],
  selectableFields: {
    'involvedObject.kind': (object) => object.involvedObject.kind ?? '',
    'involvedObject.namespace': (object) => object.involvedObject.namespace ?? '',
    'involvedObject.name': (object) => object.involvedObject.name ?? '',
    'involvedObject.uid': (object) => object.involvedObject.uid ?? '',
    'involvedObject.apiVersion': (object) => object.involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': (object) => object.involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': (object) => object.involvedObject.fieldPath ?? '',
    reason: (object) => object.reason ?? '',
    reportingComponent: (object) => object.reportingComponent ?? '',
    source: (object) => object.source?.component || object.reportingComponent || '',
    type: (object) => object.type ?? '',
  },
  versions: eventVersions,
});
