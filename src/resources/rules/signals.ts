/** Signals that a container may be stopped with, by the pod's system. Source: core types, `Signal`. */

const named = [
  'SIGABRT',
  'SIGALRM',
  'SIGBUS',
  'SIGCHLD',
  'SIGCLD',
  'SIGCONT',
  'SIGFPE',
  'SIGHUP',
  'SIGILL',
  'SIGINT',
  'SIGIO',
  'SIGIOT',
  'SIGKILL',
  'SIGPIPE',
  'SIGPOLL',
  'SIGPROF',
  'SIGPWR',
  'SIGQUIT',
  'SIGSEGV',
  'SIGSTKFLT',
  'SIGSTOP',
  'SIGSYS',
  'SIGTERM',
  'SIGTRAP',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGURG',
  'SIGUSR1',
  'SIGUSR2',
  'SIGVTALRM',
  'SIGWINCH',
  'SIGXCPU',
  'SIGXFSZ',
];

/** Real-time signals are counted from both ends. */
const steps = (base: string, count: number): string[] => [
  base,
  ...Array.from({ length: count }, (_, i) => `${base}${base === 'SIGRTMIN' ? '+' : '-'}${i + 1}`),
];

export const linuxSignals: readonly string[] = [...named, ...steps('SIGRTMIN', 15), ...steps('SIGRTMAX', 14)];
export const windowsSignals: readonly string[] = ['SIGKILL', 'SIGTERM'];
