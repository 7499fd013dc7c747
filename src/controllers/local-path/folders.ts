import { posix } from 'node:path';
import type { PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { HostFolders } from '../../node/runtime.ts';
import { folderName } from './provision-plan.ts';

/** What volumes of nodes without a disk say. */
const nowhere = '/var/lib/krill/volumes';

/** Where the folder of a claim's volume is; `node` is undefined for one that all nodes share. */
export const folderPath = (
  folders: HostFolders | undefined,
  claim: PersistentVolumeClaim,
  node: string | undefined,
): string => posix.join(folders?.volumes(node) ?? nowhere, folderName(claim));
