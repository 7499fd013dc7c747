import { parentPort, workerData } from 'node:worker_threads';
import { unpackRows } from './row-batch.ts';
import { connect, SqliteWriter } from './sqlite-file.ts';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

/** How many rows one compaction transaction looks at: appends go in between. */
const compactRows = 500;

/** The write connection's thread: every fsync happens here, so that none holds up the event loop. */
function serve(port: NonNullable<typeof parentPort>, path: string): void {
  const db = connect(path);
  const writer = new SqliteWriter(db);

  const work = async (request: WorkerRequest): Promise<unknown> => {
    switch (request.op) {
      case 'append':
        return writer.append(unpackRows(request.batch));
      case 'recover':
        return writer.recover(request.committed);
      case 'saveCheckpoint':
        return writer.saveCheckpoint({ revision: request.revision, data: Buffer.from(request.data) });
      case 'compact': {
        let { retained } = request;
        while (retained < request.target) {
          retained = writer.compactSlice(retained, request.target, compactRows);
          await new Promise(setImmediate);
        }
        return;
      }
      case 'check':
        return db.pragma('quick_check(1)', { simple: true });
      case 'close':
        return writer.close();
    }
  };

  port.on('message', (request: WorkerRequest) => {
    work(request).then(
      (result) => answer({ id: request.id, result }),
      (error: Error & { code?: string }) =>
        answer({ id: request.id, error: { message: error.message, code: error.code ?? '' } }),
    );
  });

  const answer = (reply: WorkerReply) => {
    port.postMessage(reply);
    // After the answer, so that a checkpoint delays no acknowledgement.
    if (!db.open || db.inTransaction) return;
    try {
      writer.tidy();
    } catch {
      // A lasting fault shows in the next append, which somebody waits for.
    }
  };

  port.postMessage({ id: 0 } satisfies WorkerReply);
}

if (parentPort) serve(parentPort, (workerData as { path: string }).path);
