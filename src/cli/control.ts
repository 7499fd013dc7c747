import { createHash } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { ClusterStatus } from '../cluster/contract.ts';
import type { AdminAccess } from './kubeconfig.ts';

/** What a running server says about itself to whoever may open its data folder. */
export interface ServerReport extends ClusterStatus {
  readonly pid: number;
  readonly ready: boolean;
  readonly access: AdminAccess;
}

/** Longest path a Unix socket may have on every system. */
const maxSocketPath = 100;

/** The socket of a data folder; elsewhere when the folder's path is too long for one. */
export function controlPath(dataDir: string): string {
  const short = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\krill-${short}`;
  const path = join(dataDir, 'control.sock');
  return Buffer.byteLength(path) <= maxSocketPath ? path : join(tmpdir(), `krill-${short}.sock`);
}

/** Answers every connection with one report. Resolves when it listens. */
export function serveReports(dataDir: string, report: () => ServerReport): Promise<Server> {
  const path = controlPath(dataDir);
  if (process.platform !== 'win32') rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(JSON.stringify(report()));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      if (process.platform !== 'win32') chmodSync(path, 0o600);
      resolve(server);
    });
  });
}

/** The report of a running server; undefined when none answers in time. */
export function readReport(dataDir: string, clock: Clock, waitMs = 2_000): Promise<ServerReport | undefined> {
  return new Promise((resolve) => {
    const socket = connect(controlPath(dataDir));
    const timer = clock.after(waitMs, () => socket.destroy());
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      timer.cancel();
      try {
        resolve(JSON.parse(text) as ServerReport);
      } catch {
        // Nobody answered, or not to the end.
        resolve(undefined);
      }
    });
  });
}
