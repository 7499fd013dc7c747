declare const KRILL_VERSION: string | undefined;
declare const KRILL_COMMIT: string | undefined;

/** krill's own version and commit; put in by the build. */
export const build = {
  version: typeof KRILL_VERSION === 'string' ? KRILL_VERSION : 'development',
  commit: typeof KRILL_COMMIT === 'string' ? KRILL_COMMIT : 'unknown',
};
