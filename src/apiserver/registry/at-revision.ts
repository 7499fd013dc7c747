import type { KubeObject } from '../../api/object.ts';

/** The same value with another resourceVersion, sharing everything else. */
export const atRevision = (object: KubeObject, revision: number): KubeObject =>
  Object.freeze({
    ...object,
    metadata: Object.freeze({ ...object.metadata, resourceVersion: String(revision) }),
  });
