import type { Container, EphemeralContainer, Pod } from '../../../api/types/core-v1.gen.ts';
import { seccompPrefix } from '../../../resources/rules/pod-annotations.ts';

type AnyContainer = Container | EphemeralContainer;

/**
 * Whether an update changes anything that checks look at. Of all that may change in a pod, that is only images, the
 * annotations for seccomp, and containers that come. Source: pod-security-admission `admission.go`, isSignificantPodUpdate.
 */
export function isSignificantUpdate(pod: Pod, old: Pod): boolean {
  const changed = (container: AnyContainer, before: AnyContainer | undefined): boolean =>
    before === undefined ||
    container.image !== before.image ||
    annotation(pod, container.name) !== annotation(old, container.name);
  const { spec, spec: { containers = [], initContainers = [] } = {} } = pod;
  const { spec: oldSpec, spec: { containers: oldContainers = [], initContainers: oldInit = [] } = {} } = old;
  return (
    containers.length !== oldContainers.length ||
    initContainers.length !== oldInit.length ||
    containers.some((container, i) => changed(container, oldContainers[i])) ||
    initContainers.some((container, i) => changed(container, oldInit[i])) ||
    (spec?.ephemeralContainers ?? []).some((container) =>
      changed(
        container,
        oldSpec?.ephemeralContainers?.find(({ name }) => name === container.name),
      ),
    )
  );
}

const annotation = ({ metadata }: Pod, container: string) => metadata.annotations?.[seccompPrefix + container] ?? '';
