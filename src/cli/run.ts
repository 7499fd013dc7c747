import { parseArgs } from 'node:util';
import { MessageChannel } from 'node:worker_threads';
import type { Command } from './command.ts';
import { commands } from './commands/index.ts';
import { serveCommand } from './commands/serve.ts';
import { CliError } from './errors.ts';
import { build } from './version.ts';
import type { World } from './world.ts';

/** The oldest Node-API the SQLite addon loads with; an older Node would crash rather than fail. */
const oldestNodeApi = 10;

/** Runs one command line; resolves with its exit code. Everything it touches is in `world`. */
export async function run(argv: readonly string[], world: World): Promise<number> {
  // The clock's timers do not keep a process alive; a command that sleeps must be waited for.
  const { port1: alive } = new MessageChannel();
  alive.on('message', () => undefined);
  try {
    if (Number(process.versions['napi']) < oldestNodeApi) {
      throw new CliError(
        `Node.js ${process.version} is too old for krill`,
        'its native interface (Node-API 9 or older) cannot load the SQLite addon',
        'install Node.js 22 or newer, or use npm run krill -- in the repository, which brings its own',
      );
    }
    return await parse(argv, world);
  } catch (error) {
    const failure = error instanceof CliError ? error : unexpected(error);
    world.err.write(failure.text());
    return 1;
  } finally {
    alive.close();
  }
}

const unexpected = (error: unknown): CliError =>
  new CliError(
    error instanceof Error ? (error.stack ?? error.message) : String(error),
    'this is a fault of krill',
    'please report it with the lines above',
  );

/** The server's own command line, which `up` writes: read without the library, which takes a tenth of a start. */
async function runServer(argv: readonly string[], world: World): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: Object.fromEntries(serveCommand.options.map(([flags]) => [/--(\S+)/.exec(flags)![1]!, text])),
  });
  return serveCommand.run({ world, name: positionals[0]!, options: values, format: 'text' });
}

const text = { type: 'string' } as const;

async function parse(argv: readonly string[], world: World): Promise<number> {
  if (argv[0] === serveCommand.name && argv.includes('--data')) return runServer(argv.slice(1), world);
  const { Command: Program, CommanderError, Option } = await import('commander');
  let code = 0;
  const program = new Program('krill')
    .description('A whole Kubernetes cluster in one process.')
    .version(build.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void world.out.write(text),
      writeErr: (text) => void world.err.write(text),
    });
  const add = (command: Command) => {
    const sub = program.command(command.name, { hidden: command.hidden ?? false }).description(command.summary);
    if (command.takesName) sub.argument('[NAME]', 'the cluster', 'dev');
    for (const [flags, description] of command.options) sub.option(flags, description);
    sub.addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'));
    sub.action(async (...given: unknown[]) => {
      const name = command.takesName ? String(given[0]) : '';
      const options = sub.opts();
      code = await command.run({ world, name, options, format: options['output'] === 'json' ? 'json' : 'text' });
    });
  };
  commands.forEach(add);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    // commander has printed the help or what was wrong with the arguments.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  return code;
}
