/** Who makes volumes. */
export interface Provisioner {
  readonly name: string;
  /** Whether it stands in for a provisioner that was once built in. */
  readonly migrated: boolean;
}

/** The drivers that do what was once built in. Source: csi-translation-lib. */
const drivers: Readonly<Record<string, string>> = {
  'kubernetes.io/aws-ebs': 'ebs.csi.aws.com',
  'kubernetes.io/azure-disk': 'disk.csi.azure.com',
  'kubernetes.io/azure-file': 'file.csi.azure.com',
  'kubernetes.io/cinder': 'cinder.csi.openstack.org',
  'kubernetes.io/gce-pd': 'pd.csi.storage.gke.io',
  'kubernetes.io/portworx-volume': 'pxd.portworx.com',
  'kubernetes.io/vsphere-volume': 'csi.vsphere.vmware.com',
};

/** Who answers to the name of a class's provisioner; undefined for built-in names that nobody answers to. */
export function provisionerOf(name: string): Provisioner | undefined {
  const driver = drivers[name];
  if (driver) return { name: driver, migrated: true };
  return name.startsWith('kubernetes.io/') ? undefined : { name, migrated: false };
}
