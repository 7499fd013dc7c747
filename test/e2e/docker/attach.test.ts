import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildTestImages, dockerAnswers, type Installation, installation } from '../../kit/krill.ts';
import { kubectls, run } from '../../kit/kubectl.ts';

/** How many pods are run in a row: which of kubectl and the container is quicker is another each time. */
const times = 4;
describe.skipIf(!dockerAnswers())('kubectl run -i of a command that ends before kubectl has joined it', () => {
  let installed: Installation;

  beforeAll(async () => {
    buildTestImages();
    installed = installation();
    await installed.must('up', 'attach', '--runtime', 'docker');
  });
  afterAll(() => installed?.[Symbol.asyncDispose]());

  describe.each(kubectls())('kubectl $minor', ({ minor, path }) => {
    const podName = (how: string, i: number) => `${how}-${minor.replace('.', '-')}-${i}`;
    /** With a terminal, all that is printed comes on stdout. */
    const onTerminal = async (...args: string[]) => {
      const command = [path, ...args].map((arg) => `'${arg}'`).join(' ');
      const { code, stdout } = await run('script', installed.kubeconfig, ['-qec', command, '/dev/null']);
      return { code, said: stdout.match(/^hi\r$/gm), warned: /warning/.test(stdout) };
    };

    test.each(['Never', 'Always'])('with a terminal it prints once what the command said (%s)', async (restart) => {
      for (let i = 0; i < times; i++) {
        const name = podName(restart.toLowerCase(), i);
        const args = ['run', '-it', '--rm', name, '--image=krill-test/web:1', `--restart=${restart}`];
        const output = await onTerminal(...args, '--', 'echo', 'hi');
        expect(output).toEqual({ code: 0, said: ['hi\r'], warned: false });
      }
    });

    test('without a terminal both outputs come whole, and the exit code is the command’s', async () => {
      for (let i = 0; i < times; i++) {
        const args = ['run', '-i', '--rm', podName('piped', i), '--image=krill-test/web:1', '--restart=Never'];
        const script = 'seq 20000; echo oops >&2; exit 3';
        const output = await run(path, installed.kubeconfig, [...args, '--', 'sh', '-c', script]);
        expect(output.code).toBe(3);
        expect(output.stdout.split('\n').filter((line) => /^\d+$/.test(line))).toHaveLength(20_000);
        // kubectls that read the log first print both outputs as one.
        expect((output.stdout + output.stderr).match(/^oops$/gm)).toEqual(['oops']);
        expect(output.stderr).not.toContain('warning');
      }
    });
  });
});
