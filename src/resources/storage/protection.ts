/** Finalizers that keep storage objects while they are in use: admission puts them on, controllers take them off. */
export const claimProtection = 'kubernetes.io/pvc-protection';
export const volumeProtection = 'kubernetes.io/pv-protection';
export const attributesClassProtection = 'kubernetes.io/vac-protection';
