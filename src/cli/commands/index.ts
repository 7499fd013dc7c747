import type { Command } from '../command.ts';
import { deleteCommand } from './delete.ts';
import { downCommand } from './down.ts';
import { kubeconfigCommand } from './kubeconfig.ts';
import { listCommand } from './list.ts';
import { logsCommand } from './logs.ts';
import { serveCommand } from './serve.ts';
import { statusCommand } from './status.ts';
import { upCommand } from './up.ts';
import { versionCommand } from './version.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  upCommand,
  downCommand,
  deleteCommand,
  listCommand,
  statusCommand,
  kubeconfigCommand,
  logsCommand,
  versionCommand,
  serveCommand,
];
