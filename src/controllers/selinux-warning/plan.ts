import type { Container, Pod, SELinuxOptions } from '../../api/types/core-v1.gen.ts';

/** Pods that use one volume under different SELinux labels. Source: pkg/controller/volume/selinuxwarning. */

/** A volume as far as SELinux is concerned. */
export interface LabelledVolume {
  /** The same for all pods that use it. */
  readonly name: string;
  /** Whether it can be mounted with a label, so that its files need not be relabelled one by one. */
  readonly mountable: boolean;
  /** The CSI driver it is from. */
  readonly driver?: string;
}

/** How a pod uses a volume. */
export interface VolumeUse {
  readonly volume: LabelledVolume;
  /** "user:role:type:level", "" for none. */
  readonly label: string;
  /** How the files get their label. */
  readonly policy: string;
}

/** The label as far as a pod says it. Nodes fill in what is missing, each in its own way. */
export function labelOf(options: SELinuxOptions | undefined): string {
  const { user = '', role = '', type = '', level = '' } = options ?? {};
  const label = [user, role, type, level].join(':');
  return label === ':::' ? '' : label;
}

/** Whether two labels differ in a part that both of them say. The level may hold colons of its own. */
export function labelsConflict(a: string, b: string): boolean {
  const [one, other] = [partsOf(a), partsOf(b)];
  return one.some((part, i) => part !== '' && (other[i] ?? '') !== '' && part !== other[i]);
}

function partsOf(label: string): string[] {
  const [user = '', role = '', type = '', ...level] = label.split(':');
  return [user, role, type, level.join(':')];
}

/** What a pod's volumes are, and those that it mounts under several labels itself. */
export interface PodUses {
  readonly uses: readonly VolumeUse[];
  readonly torn: readonly string[];
}

/** Volumes that SELinux does not concern resolve to undefined. */
export function usesOf(pod: Pod, resolve: (volume: string) => LabelledVolume | undefined): PodUses {
  const asked = pod.spec?.securityContext?.seLinuxChangePolicy;
  const uses: VolumeUse[] = [];
  const torn: string[] = [];
  for (const [name, labels] of labelsByVolume(pod)) {
    const volume = resolve(name);
    if (!volume) continue;
    if (labels.size > 1) {
      torn.push(name);
      continue;
    }
    const [own = ''] = labels;
    const label = volume.mountable && asked !== 'Recursive' ? own : '';
    const policy = volume.mountable && label !== '' ? (asked ?? 'MountOption') : 'Recursive';
    uses.push({ volume, label, policy });
  }
  return { uses, torn };
}

/** The labels of the containers that mount each volume. Those that say none have none to differ. */
function labelsByVolume({ spec }: Pod): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const { containers = [], initContainers = [], ephemeralContainers = [] } = spec ?? {};
  const all: readonly Pick<Container, 'volumeMounts' | 'securityContext'>[] = [
    ...initContainers,
    ...containers,
    ...ephemeralContainers,
  ];
  for (const { volumeMounts = [], securityContext } of all) {
    const options = securityContext?.seLinuxOptions ?? spec?.securityContext?.seLinuxOptions;
    for (const { name } of volumeMounts) {
      const labels = found.get(name) ?? new Set();
      if (options) labels.add(labelOf(options));
      found.set(name, labels);
    }
  }
  return found;
}

/** A pod of which there is something to tell. */
export interface Conflict {
  /** The pod's key. */
  readonly pod: string;
  readonly reason: string;
  readonly message: string;
}

const end = 'If both pods land on the same node, only one of them may access the volume.';

/** What is to be told to a pod, and to the others that use the same volume, when it begins to use it so. */
export function conflictsOf(pod: string, use: VolumeUse, others: ReadonlyMap<string, VolumeUse>): Conflict[] {
  const found: Conflict[] = [];
  for (const [key, other] of others) {
    if (key === pod) continue;
    if (other.policy !== use.policy) found.push(...both('SELinuxChangePolicy', [pod, use.policy], [key, other.policy]));
    if (labelsConflict(other.label, use.label))
      found.push(...both('SELinuxLabel', [pod, use.label], [key, other.label]));
  }
  return found;
}

type Party = readonly [pod: string, value: string];

const both = (property: string, one: Party, other: Party): Conflict[] => [
  conflict(property, one, other),
  conflict(property, other, one),
];

function conflict(property: string, [pod, value]: Party, [other, otherValue]: Party): Conflict {
  const [namespace] = pod.split('/');
  const [otherNamespace, otherName] = other.split('/');
  // Nobody hears of pods in other namespaces. That there is no blank before the value is upstream's.
  const message =
    namespace === otherNamespace
      ? `${property} "${value}" conflicts with pod ${otherName} that uses the same volume as this pod with ${property} "${otherValue}". ${end}`
      : `${property}"${value}" conflicts with another pod that uses the same volume as this pod with a different ${property}. ${end}`;
  return { pod, reason: `${property}Conflict`, message };
}
