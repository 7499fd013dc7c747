import type { KubeObject, Mutable } from '../../api/object.ts';
import type { Checks, VersionConversion } from '../resource.ts';
import { strictChecks } from './event-rules.ts';

/** events.k8s.io/v1 names the same facts differently; both groups share one storage. [core name, events name] */
const renamed: readonly (readonly [string, string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];

function rename(object: Mutable<KubeObject>, pairs: readonly (readonly [string, string])[]): void {
  for (const [from, to] of pairs) {
    if (!(from in object)) continue;
    object[to] = object[from];
    delete object[from];
  }
}

export const eventVersions: Readonly<Record<string, VersionConversion>> = {
  'events.k8s.io/v1': {
    checks: strictChecks as unknown as Checks<KubeObject>,
    toStorage: (object) => {
      rename(
        object,
        renamed.map(([core, events]) => [events, core] as const),
      );
      object.apiVersion = 'v1';
    },
    fromStorage: (object) => {
      rename(object, renamed);
      object.apiVersion = 'events.k8s.io/v1';
    },
  },
};
