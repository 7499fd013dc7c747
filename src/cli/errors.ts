/** A failure explained to the user: what happened, the likely cause, and what to do next. */
export class CliError extends Error {
  readonly likelyCause: string | undefined;
  readonly next: string | undefined;

  constructor(what: string, likelyCause?: string, next?: string) {
    super(what);
    this.name = 'CliError';
    this.likelyCause = likelyCause;
    this.next = next;
  }

  /** The lines a terminal shows. */
  text(): string {
    const lines = [`error: ${this.message}`];
    if (this.likelyCause) lines.push(`  cause: ${this.likelyCause}`);
    if (this.next) lines.push(`  next:  ${this.next}`);
    return `${lines.join('\n')}\n`;
  }
}

const codeOf = (error: unknown): string => String((error as { code?: unknown } | undefined)?.code ?? '');
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Explains why a cluster could not be started. `name` is its name. */
export function explainStart(error: unknown, name: string): CliError {
  if (error instanceof CliError) return error;
  const text = messageOf(error);
  const { port } = error as { port?: unknown };
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new CliError(
        `port ${port} is in use, so the API server of cluster ${name} cannot listen on it`,
        'another program, or another cluster, listens there',
        `free it (ss -ltnp 'sport = :${port}' names the program), then krill up ${name}`,
      );
    case 'EACCES':
    case 'EPERM':
      return new CliError(text, 'the data folder is not readable by this user', 'ls -ld the path above, and chown it');
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_READONLY':
      return new CliError(
        `the store of cluster ${name} cannot be opened: ${text}`,
        'store.db in the data folder, or a file beside it, belongs to another user or may not be written',
        `krill status ${name} -o json names the data folder; ls -l it, and chown what is not yours`,
      );
    case 'ENOSPC':
      return new CliError(text, 'the disk is full', `free some space, then krill up ${name}`);
    case 'EROFS':
      return new CliError(text, 'the file system is read-only', 'set KRILL_HOME to a folder that can be written');
  }
  if (error instanceof Error && error.name === 'EngineUnavailable') {
    return new CliError(
      text,
      'Docker is not running, or this user may not talk to it',
      `start Docker and run krill up ${name} again, or make a cluster without it: krill up NAME --runtime simulated`,
    );
  }
  return new CliError(text, undefined, `krill logs ${name}`);
}
