import type { ContainerState } from '../../node/runtime.ts';
import type { Container, ContainerRestartRule, Pod } from '../types.ts';
import { labels } from './observed.ts';

/** Waits between restarts, milliseconds. Source: kubelet `MaxCrashLoopBackOff` and `backOffPeriod`. */
const initialBackoff = 10_000;
const maxBackoff = 300_000;
/** A run longer than this forgets earlier crashes. */
const calmRun = 2 * maxBackoff;

/** A restartable init container: starts in its turn, then runs beside the app until it has ended. */
export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';

function ruleSays(rules: readonly ContainerRestartRule[] | undefined, exitCode: number): string | undefined {
  for (const rule of rules ?? []) {
    const listed = rule.exitCodes?.values?.includes(exitCode) ?? false;
    if (rule.exitCodes && listed === (rule.exitCodes.operator === 'In')) return rule.action;
  }
  return undefined;
}

/** Whether a container that ended so is started again. */
export function shouldRestart(pod: Pod, container: Container, kind: 'init' | 'main', exitCode: number): boolean {
  if (ruleSays(container.restartPolicyRules, exitCode)?.startsWith('Restart')) return true;
  const policy = container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always';
  if (policy === 'Never') return false;
  if (policy === 'OnFailure' || (kind === 'init' && !isSidecar(container))) return exitCode !== 0;
  return true;
}

const ranLong = (last: ContainerState): boolean => last.finishedAt - last.createdAt > calmRun;

/** How long to wait after this instance's death, milliseconds. */
export function backoffAfter(last: ContainerState): number {
  return ranLong(last) ? 0 : Number(last.labels[labels.backoff] ?? 0);
}

/** The wait the instance after `last` is labelled with. */
export function nextBackoff(last: ContainerState | undefined): number {
  if (!last) return 0;
  const before = Number(last.labels[labels.backoff] ?? 0);
  return before === 0 || ranLong(last) ? initialBackoff : Math.min(before * 2, maxBackoff);
}

/** "10s", "2m40s", "5m0s": how Go prints a whole number of seconds. */
export function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const hours = Math.floor(seconds / 3600);
  const minutes = `${Math.floor((seconds % 3600) / 60)}m${seconds % 60}s`;
  return hours ? `${hours}h${minutes}` : minutes;
}

/** "web_default(uid)": how kubelet names a pod in its texts. */
export const podText = (pod: Pod): string =>
  `${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid ?? ''})`;
