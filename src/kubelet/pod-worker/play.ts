import { durationMs } from '../../api/duration.ts';
import type { Container, Pod } from '../types.ts';
import { isSidecar } from './restart.ts';

/** What a container does on a node that runs no processes. Milliseconds. */
export interface Play {
  /** From its turn until it runs. */
  readonly startDelay: number;
  /** From its start until it counts as ready. */
  readonly readyDelay: number;
  /** Whether it ever does. */
  readonly ready: boolean;
  /** How long it runs; undefined for as long as nobody stops it. */
  readonly runs: number | undefined;
  readonly exitCode: number;
  /** From the wish that it stop until it has, within its grace period. */
  readonly stopDelay: number;
}

/** Says what the containers of one pod do. */
export interface Director {
  of(container: Container): Play;
}

/** An annotation that says nothing useful: how the API server would put it. */
export class PlayError extends Error {}

/** Annotations that direct a container: of all app containers, or with the container's name before it ("web.krill.dev/ready"). */
const prefix = 'krill.dev/';

const duration = (text: string): number => {
  const ms = durationMs(text);
  if (ms < 0) throw new Error('must not be negative');
  return ms;
};

const exitCode = (text: string): number => {
  const code = Number(text);
  if (/^\d{1,3}$/.test(text) && code <= 255) return code;
  throw new Error('must be a whole number from 0 to 255');
};

const flag = (text: string): boolean => {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Error('must be true or false');
};

const fields = {
  'start-delay': duration,
  'ready-delay': duration,
  'stop-delay': duration,
  'run-duration': duration,
  'exit-code': exitCode,
  ready: flag,
} as const;

type Field = keyof typeof fields;

/** What a container does that nobody said anything of. */
export const undirected: Play = {
  startDelay: 0,
  readyDelay: 0,
  ready: true,
  runs: undefined,
  exitCode: 0,
  stopDelay: 0,
};
const brief: Play = { ...undirected, runs: 0 };

/** Whether anything but running for good may be asked of the pod's containers: most pods need no look at each. */
export function isDirected(pod: Pod): boolean {
  if (pod.spec.initContainers?.length || hasEnd(pod)) return true;
  for (const key in pod.metadata.annotations) if (key.includes(prefix)) return true;
  return false;
}

/** A pod whose work has an end: a Job's, or one that is not to be started again whatever happens. */
function hasEnd({ metadata, spec }: Pod): boolean {
  if ((spec.restartPolicy ?? 'Always') !== 'Always') return true;
  return metadata.ownerReferences?.some(({ kind, controller }) => kind === 'Job' && controller) ?? false;
}

/**
 * The play of one container: its pod's nature, changed by annotations. Work that has an end succeeds at once; a
 * container with an exit code ends even where others would run on. Throws `PlayError`.
 */
export function playOf(pod: Pod, container: Container): Play {
  const isInit = pod.spec.initContainers?.some((c) => c === container || c.name === container.name) ?? false;
  const ends = isInit ? !isSidecar(container) : hasEnd(pod);
  const say = <F extends Field>(field: F): ReturnType<(typeof fields)[F]> | undefined =>
    read(pod, container, isInit, field);
  const code = say('exit-code');
  const normal = ends || code !== undefined ? brief : undirected;
  return {
    startDelay: say('start-delay') ?? 0,
    readyDelay: say('ready-delay') ?? 0,
    ready: say('ready') ?? true,
    runs: say('run-duration') ?? normal.runs,
    exitCode: code ?? 0,
    stopDelay: say('stop-delay') ?? 0,
  };
}

function read<F extends Field>(pod: Pod, { name }: Container, isInit: boolean, field: F) {
  const own = `${name}.${prefix}${field}`;
  const { annotations } = pod.metadata;
  const key = annotations?.[own] === undefined && !isInit ? `${prefix}${field}` : own;
  const text = annotations?.[key];
  if (text === undefined) return undefined;
  try {
    return fields[field](text) as ReturnType<(typeof fields)[F]>;
  } catch (error) {
    throw new PlayError(
      `metadata.annotations[${key}]: Invalid value: ${JSON.stringify(text)}: ${(error as Error).message}`,
    );
  }
}
