import type { Connect } from '../serve-resource.ts';
import type { ConnectParts } from './connect-parts.ts';
import { logConnect } from './log.ts';
import { portForwardConnect } from './port-forward.ts';
import { nodeProxy, podProxy, serviceProxy } from './proxy-targets.ts';
import { remoteCommand } from './remote-command.ts';

/** Every subresource that is a connection, by "resource/subresource". */
export const connectTable = (parts: ConnectParts): Readonly<Record<string, Connect>> => ({
  'pods/log': logConnect(parts),
  'pods/exec': remoteCommand(parts, 'exec'),
  'pods/attach': remoteCommand(parts, 'attach'),
  'pods/portforward': portForwardConnect(parts),
  'pods/proxy': podProxy(parts),
  'services/proxy': serviceProxy(parts),
  'nodes/proxy': nodeProxy(parts),
});
