/** All of CEL that is more than types and errors, as `cel` loads it. */
export { celEnvironment } from './cel-environment.ts';
export { deviceVariable } from './device.ts';
export { authorizerValue, requestResourceValue } from './library/authorizers.ts';
export { mutationOptions } from './mutation.ts';
export { LazyRecord } from './values/lazy-record.ts';
