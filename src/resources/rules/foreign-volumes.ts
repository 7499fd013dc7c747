import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { PersistentVolumeSpec, Volume } from '../../api/types/core-v1.gen.ts';
import { label, optionalOneOf, present } from './check.ts';

/** Volumes of storage systems outside the cluster: checked as upstream does, mounted by their own drivers only. */

export type ForeignSource =
  | 'gcePersistentDisk'
  | 'awsElasticBlockStore'
  | 'iscsi'
  | 'glusterfs'
  | 'flocker'
  | 'rbd'
  | 'cinder'
  | 'cephfs'
  | 'quobyte'
  | 'fc'
  | 'flexVolume'
  | 'azureFile'
  | 'vsphereVolume'
  | 'photonPersistentDisk'
  | 'portworxVolume'
  | 'azureDisk'
  | 'storageos'
  | 'scaleIO';

type Check<T> = (errors: ErrorList, path: FieldPath, source: T) => void;

const needed =
  <K extends string>(...names: K[]): Check<{ readonly [N in K]?: string }> =>
  (errors, path, source) => {
    for (const name of names) present(errors, path.child(name), source[name]);
  };

function partition(errors: ErrorList, path: FieldPath, value = 0): void {
  if (value < 0 || value > 255) errors.invalid(path.child('partition'), value, 'must be between 1 and 255, inclusive');
}

function lun(errors: ErrorList, path: FieldPath, value: number): void {
  if (value < 0 || value > 255) errors.invalid(path.child('lun'), value, 'must be between 0 and 255, inclusive');
}

const initiatorPatterns: readonly (readonly [string, RegExp])[] = [
  ['iqn', /iqn\.\d{4}-\d{2}\.[a-zA-Z0-9.-]+:[^,;*&$|\s]+$/],
  ['eui', /^eui.[a-zA-Z0-9]{16}$/],
  ['naa', /^naa.[a-zA-Z0-9]{32}$/],
];

const formatText = 'must be valid format';

function initiator(errors: ErrorList, path: FieldPath, name: string, unknownText: string): void {
  const known = initiatorPatterns.find(([prefix]) => name.startsWith(prefix));
  if (!known) errors.invalid(path, name, unknownText);
  else if (!known[1].test(name)) errors.invalid(path, name, formatText);
}

type IscsiSource = NonNullable<Volume['iscsi']> | NonNullable<PersistentVolumeSpec['iscsi']>;

/** What an iSCSI target needs wherever it is named; only pods are told what a name starts with. */
export function iscsiTarget(errors: ErrorList, path: FieldPath, source: IscsiSource, unknownText = formatText): void {
  if (present(errors, path.child('iqn'), source.iqn)) initiator(errors, path.child('iqn'), source.iqn, unknownText);
  lun(errors, path, source.lun);
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef)
    errors.required(path.child('secretRef'));
  if (source.initiatorName === undefined) return;
  initiator(errors, path.child('initiatorname'), source.initiatorName, unknownText);
}

const maxSessionName = 64;
export const iscsiNameText =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';

/** The name of the session is made of the volume's name and the portal. */
export const isIscsiNameLong = (name: string, source: IscsiSource): boolean =>
  source.initiatorName !== undefined && `${name}:${source.targetPortal}`.length > maxSessionName;

const iscsi: Check<NonNullable<Volume['iscsi']>> = (errors, path, source) => {
  present(errors, path.child('targetPortal'), source.targetPortal);
  iscsiTarget(errors, path, source, 'must be valid format starting with iqn, eui, or naa');
};

const flocker: Check<NonNullable<Volume['flocker']>> = (errors, path, { datasetName = '', datasetUUID = '' }) => {
  if (!datasetName && !datasetUUID) errors.required(path, 'one of datasetName and datasetUUID is required');
  if (datasetName && datasetUUID) {
    errors.invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously');
  }
  if (datasetName.includes('/')) errors.invalid(path.child('datasetName'), datasetName, "must not contain '/'");
};

const registryText = 'must be a host:port pair or multiple pairs separated by commas';

const quobyte: Check<NonNullable<Volume['quobyte']>> = (errors, path, { registry, tenant = '', volume }) => {
  if (!registry) errors.required(path.child('registry'), registryText);
  else if (tenant.length >= 65) {
    errors.required(path.child('tenant'), 'must be a UUID and may not exceed a length of 64 characters');
  } else {
    for (const pair of registry.split(',')) {
      if (!/^(\[[^\]]*\]|[^:[\]]*):[^:]*$/.test(pair)) errors.invalid(path.child('registry'), registry, registryText);
    }
  }
  present(errors, path.child('volume'), volume);
};

const fc: Check<NonNullable<Volume['fc']>> = (errors, path, source) => {
  const at = path.child('targetWWNs');
  const names = source.targetWWNs?.length ?? 0;
  const ids = source.wwids?.length ?? 0;
  if (!names && !ids) errors.required(at, 'must specify either targetWWNs or wwids, but not both');
  if (names && ids) errors.invalid(at, source.targetWWNs, 'targetWWNs and wwids can not be specified simultaneously');
  if (!names) return;
  if (source.lun === undefined) errors.required(path.child('lun'), 'lun is required if targetWWNs is specified');
  else lun(errors, path, source.lun);
};

const flexVolume: Check<NonNullable<Volume['flexVolume']>> = (errors, path, source) => {
  present(errors, path.child('driver'), source.driver);
  for (const key in source.options) {
    const domain = `.${(key.split('/')[0] ?? '').toLowerCase()}`;
    if (domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io')) {
      errors.invalid(path.child('options').key(key), key, 'kubernetes.io and k8s.io namespaces are reserved');
    }
  }
};

const managedDisk = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const blobDisk = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

const azureDisk: Check<NonNullable<Volume['azureDisk']>> = (errors, path, source) => {
  present(errors, path.child('diskName'), source.diskName);
  present(errors, path.child('diskURI'), source.diskURI);
  optionalOneOf(errors, path.child('cachingMode'), source.cachingMode, ['None', 'ReadOnly', 'ReadWrite']);
  optionalOneOf(errors, path.child('kind'), source.kind, ['Dedicated', 'Managed', 'Shared']);
  if (source.kind === undefined) return;
  const managed = source.kind === 'Managed';
  if (managed ? !source.diskURI.startsWith('/subscriptions/') : !source.diskURI.startsWith('https://')) {
    errors.notSupported(path.child('diskURI'), source.diskURI, [managed ? managedDisk : blobDisk]);
  }
};

const storageos: Check<NonNullable<Volume['storageos']>> = (errors, path, source) => {
  if (present(errors, path.child('volumeName'), source.volumeName)) {
    label(errors, path.child('volumeName'), source.volumeName);
  }
  if (source.volumeNamespace) label(errors, path.child('volumeNamespace'), source.volumeNamespace);
  if (source.secretRef) present(errors, path.child('secretRef', 'name'), source.secretRef.name);
};

export const foreignSources: { readonly [K in ForeignSource]: Check<NonNullable<Volume[K]>> } = {
  gcePersistentDisk: (errors, path, source) => {
    present(errors, path.child('pdName'), source.pdName);
    partition(errors, path, source.partition);
  },
  awsElasticBlockStore: (errors, path, source) => {
    present(errors, path.child('volumeID'), source.volumeID);
    partition(errors, path, source.partition);
  },
  iscsi,
  glusterfs: needed('endpoints', 'path'),
  flocker,
  rbd: (errors, path, source) => {
    if (!source.monitors?.length) errors.required(path.child('monitors'));
    present(errors, path.child('image'), source.image);
  },
  cinder: (errors, path, source) => {
    present(errors, path.child('volumeID'), source.volumeID);
    if (source.secretRef) present(errors, path.child('secretRef', 'name'), source.secretRef.name);
  },
  cephfs: (errors, path, source) => {
    if (!source.monitors?.length) errors.required(path.child('monitors'));
  },
  quobyte,
  fc,
  flexVolume,
  azureFile: needed('secretName', 'shareName'),
  vsphereVolume: needed('volumePath'),
  photonPersistentDisk: needed('pdID'),
  portworxVolume: needed('volumeID'),
  azureDisk,
  storageos,
  scaleIO: needed('gateway', 'system', 'volumeName'),
};
