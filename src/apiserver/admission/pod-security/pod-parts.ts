import type { Container, EphemeralContainer, PodSpec, SecurityContext } from '../../../api/types/core-v1.gen.ts';

/** What checks read of pods, and how they speak of it. Source: pod-security-admission `policy/visitor.go`, `helpers.go`. */

type AnyContainer = Container | EphemeralContainer;

/** Every container of a pod: the order is that of the messages. */
export function containersOf(spec: PodSpec): AnyContainer[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}

/** Names of the containers of which something holds. */
export const containersWhere = (spec: PodSpec, holds: (container: AnyContainer) => boolean): string[] =>
  containersOf(spec)
    .filter(holds)
    .map(({ name }) => name);

/** Names of the containers of which something holds that their security contexts say. */
export const containersWhose = (spec: PodSpec, holds: (context: SecurityContext) => boolean): string[] =>
  containersWhere(spec, ({ securityContext }) => !!securityContext && holds(securityContext));

/** Pods of Windows have no Linux settings. From 1.25 on they need none. */
export const isOnWindows = (spec: PodSpec): boolean => spec.os?.name === 'windows';

/** Root in a user namespace is nobody outside of it. From 1.35 on that counts. */
export const isInUserNamespace = (spec: PodSpec): boolean => spec.hostUsers === false;

/** `"a", "b"` */
export const quoted = (texts: readonly string[]): string => texts.map((text) => `"${text}"`).join(', ');

/** Each text once, sorted. */
export const sorted = (texts: Iterable<string>): string[] => [...new Set(texts)].sort();

/** The word for one, or for any other number. */
export const plural = (count: number, one: string, many = `${one}s`): string => (count === 1 ? one : many);

/** `container "a"`, `containers "a", "b"` */
export const containerNames = (names: readonly string[]): string =>
  `${plural(names.length, 'container')} ${quoted(names)}`;

/** Whoever sets something: `pod and containers "a", "b"`; empty for nobody. */
export const setters = (pod: boolean, containers: readonly string[]): string =>
  [...(pod ? ['pod'] : []), ...(containers.length > 0 ? [containerNames(containers)] : [])].join(' and ');
