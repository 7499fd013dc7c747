const open = /^\/(?:version\/?|(?:healthz|livez|readyz)(?:\/[^/]*)?)$/;

/** Paths that answer everyone, so that probes need no credential: health and version. */
export const isOpenPath = (path: string): boolean => open.test(path);
