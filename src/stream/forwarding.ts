import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { messageOf } from './stream-status.ts';

/** Opens a connection to a port of the pod. It should be half-open: ending its writing must not end its reading. */
export type DialPort = (port: number, signal: AbortSignal) => Promise<Duplex>;

/** Whose ports they are, for error texts. */
export interface ForwardTarget {
  readonly pod: string;
  readonly uid: string;
}

/** What every transport of port-forward needs. */
export interface Forwarding {
  readonly target: ForwardTarget;
  readonly dial: DialPort;
  /** Aborts when the client is gone. */
  readonly gone: AbortSignal;
  readonly clock: Clock;
  readonly log: Logger;
}

/** kubelet's text for a port that could not be reached or broke. */
export const forwardError = (target: ForwardTarget, port: number, error: unknown): string =>
  `error forwarding port ${port} to pod ${target.pod}, uid ${target.uid}: ${messageOf(error)}`;
