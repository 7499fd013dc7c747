import type { UserInfo } from '../../../client/call.ts';

const prefix = 'system:node:';
const group = 'system:nodes';

/** The node a user is, "" for one without a name; undefined for users that are no nodes. Source: pkg/auth/nodeidentifier. */
export const nodeOf = ({ name, groups }: UserInfo): string | undefined =>
  name.startsWith(prefix) && groups.includes(group) ? name.slice(prefix.length) : undefined;
