import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { Event } from '../../api/types/core-v1.gen.ts';
import type { Checks } from '../resource.ts';
import { qualifiedName, subdomain, unchanged } from '../rules/check.ts';

/** Rules of Events. The core group takes what it always took, events.k8s.io is strict. Source: core validation events.go. */

const path = (...names: string[]): FieldPath => FieldPath.of(...names);
const maxText = 128;
const maxMessage = 1024;

/** Where events about cluster-scoped objects may be. */
const homes = ['default', 'kube-system'];

/** Events of old, without a time of their own, are where their object is. */
function place({ involvedObject, metadata, eventTime }: Event, errors: ErrorList): void {
  const about = involvedObject?.namespace ?? '';
  const own = metadata.namespace ?? '';
  const sound = eventTime
    ? about !== '' || homes.includes(own)
    : about === ''
      ? own === '' || own === 'default'
      : about === own;
  if (!sound) errors.invalid(path('involvedObject', 'namespace'), about, 'does not match event.namespace');
}

function shortText(errors: ErrorList, field: 'reportingInstance' | 'action' | 'reason', value = ''): void {
  if (!value) errors.required(path(field));
  if (Buffer.byteLength(value) > maxText) {
    errors.invalid(path(field), '', `can have at most ${maxText} characters`);
  }
}

/** `reporter` is what the version calls the field for who reports. */
function validate(object: Event, errors: ErrorList, reporter: string): void {
  place(object, errors);
  if (object.eventTime) {
    const by = object.reportingComponent ?? '';
    if (!by) errors.required(path(reporter));
    qualifiedName(errors, path(reporter), by);
    for (const field of ['reportingInstance', 'action', 'reason'] as const) shortText(errors, field, object[field]);
    if (Buffer.byteLength(object.message ?? '') > maxMessage) {
      errors.invalid(path('message'), '', `can have at most ${maxMessage} characters`);
    }
  }
  subdomain(errors, path('namespace'), object.metadata.namespace ?? '');
}

export const validateEvent = (object: Event, errors: ErrorList): void => validate(object, errors, 'reportingComponent');

function series({ series: seen }: Event, errors: ErrorList): void {
  if (!seen) return;
  if ((seen.count ?? 0) < 2) errors.invalid(path('series.count'), '', 'should be at least 2');
  if (!seen.lastObservedTime) errors.required(path('series.lastObservedTime'));
}

const types = ['Normal', 'Warning'];

/** Fields that only events of old may have. */
const unset = ['firstTimestamp', 'lastTimestamp', 'count', 'source'] as const;

function isSet(value: Event[(typeof unset)[number]]): boolean {
  if (typeof value === 'object') return Boolean(value.component || value.host);
  return Boolean(value);
}

function validateNew(object: Event, errors: ErrorList): void {
  series(object, errors);
  if (!object.eventTime) errors.required(path('eventTime'));
  const type = object.type ?? '';
  if (!types.includes(type)) errors.invalid(path('type'), '', `has invalid value: ${type}`);
  for (const field of unset) if (isSet(object[field])) errors.invalid(path(field), '', 'needs to be unset');
}

const fixed = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingInstance',
] as const;

/** An event that is there only counts on. */
function validateChanged(object: Event, old: Event, errors: ErrorList): void {
  if (!sameValue(object.series, old.series)) series(object, errors);
  for (const field of fixed) unchanged(errors, path(field), object[field], old[field]);
  unchanged(errors, path('reportingController'), object.reportingComponent, old.reportingComponent);
}

/** How events.k8s.io/v1 is checked. */
export const strictChecks: Checks<Event> = {
  validate: (object, errors) => validate(object, errors, 'reportingController'),
  validateCreate: validateNew,
  validateUpdate: validateChanged,
};
