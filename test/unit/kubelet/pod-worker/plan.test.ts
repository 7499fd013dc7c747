import { describe, expect, test } from 'vitest';
import { type Hold, type Instance, labels } from '../../../../src/kubelet/pod-worker/observed.ts';
import { plan } from '../../../../src/kubelet/pod-worker/plan.ts';
import { PodWorld } from '../../../../src/kubelet/pod-worker/pod-world.ts';
import type { Pod } from '../../../../src/kubelet/types.ts';
import type { ContainerState, ImageInfo } from '../../../../src/node/runtime.ts';

const image: ImageInfo = { id: 'i', names: [], sizeBytes: 0, user: '', entrypoint: [], command: [] };

function pod(spec: Partial<Pod['spec']> = {}): Pod {
  const containers = [{ name: 'a', image: 'x' }];
  return { metadata: { name: 'p', namespace: 'd', uid: 'u' }, spec: { restartPolicy: 'Always', containers, ...spec } };
}

interface Scene {
  /** "live", "dead" or none. */
  readonly sandbox?: 'live' | 'dead';
  /** "running", "exit 1", "exit 1 in old" by container; a list is newest first. */
  readonly has?: Readonly<Record<string, string | readonly string[]>>;
  readonly busy?: readonly string[];
  readonly held?: Readonly<Record<string, Hold>>;
  readonly unready?: readonly string[];
  readonly images?: readonly string[];
  readonly volumes?: boolean;
  readonly backoff?: number;
}

function world(scene: Scene): PodWorld {
  const result = new PodWorld();
  result.volumesReady = scene.volumes ?? true;
  if (scene.sandbox) {
    result.takeSandbox(
      {
        id: 'new',
        node: 'n',
        pod: { namespace: 'd', name: 'p', uid: 'u' },
        attempt: 0,
        running: scene.sandbox === 'live',
        address: '10.0.0.1',
        createdAt: 0,
        containers: [],
      },
      0,
    );
  }
  for (const [name, texts] of Object.entries(scene.has ?? {})) {
    const list = [texts].flat();
    result.instances.set(
      name,
      list.map((text, i) => instance(name, text, list.length - 1 - i, scene.backoff ?? 0)),
    );
  }
  for (const instances of result.instances.values()) {
    for (const { state } of instances) if (state.status === 'exited') result.deaths.set(state.id, 0);
  }
  for (const key of scene.busy ?? []) result.busy.add(key);
  for (const [key, hold] of Object.entries(scene.held ?? {})) result.held.set(key, hold);
  for (const name of scene.images ?? ['a', 'b', 'i', 'j', 's']) result.images.set(name, image);
  for (const name of scene.unready ?? []) result.health.set(`${name}-0`, { started: false, ready: false });
  return result;
}

function instance(name: string, text: string, attempt: number, backoff: number): Instance {
  const [what, code, , where] = text.split(' ');
  const state: ContainerState = {
    id: `${name}-${attempt}`,
    name,
    attempt,
    image: 'x',
    imageId: 'i',
    labels: { [labels.image]: 'x', [labels.backoff]: String(backoff) },
    status: what === 'exit' ? 'exited' : 'running',
    createdAt: 0,
    startedAt: 1,
    finishedAt: what === 'exit' ? 1000 : 0,
    exitCode: Number(code ?? 0),
    oomKilled: false,
    error: '',
    terminationMessage: '',
  };
  return { sandboxId: where ?? 'new', state };
}

/** What a plan does, as short words. */
const steps = (of: Pod, scene: Scene, termination?: { graceSeconds: number }) =>
  plan(of, world(scene), 1000, termination).steps.map((step) => {
    if (step.do === 'start-container') return `start ${step.container.name} ${step.attempt}`;
    if (step.do === 'stop-container') return `stop ${step.instance.state.name} ${step.graceSeconds}`;
    if (step.do === 'remove-container') return `remove ${step.instance.state.id}`;
    return step.key;
  });

const init = {
  initContainers: [
    { name: 'i', image: 'x' },
    { name: 'j', image: 'x' },
  ],
};
const sidecar = { initContainers: [{ name: 's', image: 'x', restartPolicy: 'Always' }] };
const two = {
  containers: [
    { name: 'a', image: 'x' },
    { name: 'b', image: 'x' },
  ],
};

describe('starting', () => {
  test.each<[string, Pod, Scene, string[]]>([
    ['all at once at first', pod(), { volumes: false, images: [] }, ['sandbox', 'volumes', 'image:a']],
    ['nothing twice', pod(), { volumes: false, images: [], busy: ['sandbox', 'volumes'] }, ['image:a']],
    ['not before the volumes', pod(), { sandbox: 'live', volumes: false, busy: ['volumes'] }, []],
    ['not before the sandbox', pod(), { busy: ['sandbox'] }, []],
    ['containers side by side', pod(two), { sandbox: 'live' }, ['start a 0', 'start b 0']],
    ['only what is missing', pod(two), { sandbox: 'live', has: { a: 'running' } }, ['start b 0']],
    ['nothing when all runs', pod(two), { sandbox: 'live', has: { a: 'running', b: 'running' } }, []],
    ['the first init container', pod(init), { sandbox: 'live' }, ['start i 0']],
    ['waits for it', pod(init), { sandbox: 'live', has: { i: 'running' } }, []],
    ['then the second', pod(init), { sandbox: 'live', has: { i: 'exit 0' } }, ['start j 0']],
    ['then the app', pod(init), { sandbox: 'live', has: { i: 'exit 0', j: 'exit 0' } }, ['start a 0']],
    ['init again on failure', pod(init), { sandbox: 'live', has: { i: 'exit 1' } }, ['start i 1']],
    ['no init again beside a running app', pod(init), { sandbox: 'live', has: { a: 'running' } }, []],
    ['a sidecar first', pod(sidecar), { sandbox: 'live' }, ['start s 0']],
    ['app when the sidecar is up', pod(sidecar), { sandbox: 'live', has: { s: 'running' } }, ['start a 0']],
    ['not before its startup', pod(sidecar), { sandbox: 'live', has: { s: 'running' }, unready: ['s'] }, []],
    ['a dead sidecar again', pod(sidecar), { sandbox: 'live', has: { s: 'exit 0', a: 'running' } }, ['start s 1']],
  ])('%s', (_, of, scene, expected) => {
    expect(steps(of, scene)).toEqual(expected);
  });
});

describe('restarting', () => {
  test.each<[string, Pod, Scene, string[]]>([
    ['Always after success', pod(), { sandbox: 'live', has: { a: 'exit 0' } }, ['start a 1']],
    [
      'OnFailure after failure',
      pod({ restartPolicy: 'OnFailure' }),
      { sandbox: 'live', has: { a: 'exit 1' } },
      ['start a 1'],
    ],
    [
      'OnFailure not after success',
      pod({ restartPolicy: 'OnFailure' }),
      { sandbox: 'live', has: { a: 'exit 0' } },
      ['stop-sandbox'],
    ],
    ['Never', pod({ restartPolicy: 'Never' }), { sandbox: 'live', has: { a: 'exit 1' } }, ['stop-sandbox']],
    [
      'the other runs on',
      pod({ restartPolicy: 'Never', ...two }),
      { sandbox: 'live', has: { a: 'exit 1', b: 'running' } },
      [],
    ],
    [
      'one dead instance is kept',
      pod(),
      { sandbox: 'live', has: { a: ['running', 'exit 1', 'exit 1'] } },
      ['remove a-0'],
    ],
    ['all in a new sandbox', pod(two), { sandbox: 'dead', has: { a: 'exit 137', b: 'exit 137' } }, ['sandbox']],
    [
      'a dead sandbox with living containers ends first',
      pod(),
      { sandbox: 'dead', has: { a: 'running' } },
      ['stop-sandbox'],
    ],
    [
      'init again in a new sandbox',
      pod(init),
      { sandbox: 'live', has: { i: 'exit 0 in old', j: 'exit 0 in old', a: 'exit 137 in old' } },
      ['start i 1'],
    ],
    [
      'a failed init container is fatal under Never',
      pod({ ...init, restartPolicy: 'Never' }),
      { sandbox: 'live', has: { i: 'exit 1' } },
      ['stop-sandbox'],
    ],
    [
      'and stays so without its sandbox',
      pod({ ...init, restartPolicy: 'Never' }),
      { sandbox: 'dead', has: { i: 'exit 1' } },
      ['finish'],
    ],
    [
      'sidecars end with the app',
      pod({ ...sidecar, restartPolicy: 'Never' }),
      { sandbox: 'live', has: { s: 'running', a: 'exit 0' } },
      ['stop s 30'],
    ],
  ])('%s', (_, of, scene, expected) => {
    expect(steps(of, scene)).toEqual(expected);
  });

  test('rules by exit code come before the policy', () => {
    const rules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }];
    const containers = [{ name: 'a', image: 'x', restartPolicy: 'Never', restartPolicyRules: rules }];
    expect(steps(pod({ containers }), { sandbox: 'live', has: { a: 'exit 42' } })).toEqual(['start a 1']);
    expect(steps(pod({ containers }), { sandbox: 'live', has: { a: 'exit 1' } })).toEqual(['stop-sandbox']);
  });

  test.each([
    [0, 10_000],
    [10_000, 20_000],
    [160_000, 300_000],
    [300_000, 300_000],
  ])('a back-off of %i ms is followed by one of %i ms', (before, after) => {
    const scene: Scene = { sandbox: 'live', has: { a: 'exit 1' }, backoff: before };
    const waiting = plan(pod(), world(scene), 0);
    if (before > 0) {
      expect(waiting.steps).toEqual([]);
      expect(waiting.wakeAt).toBe(before);
      expect(waiting.waiting.get('a')?.reason).toBe('CrashLoopBackOff');
    }
    expect(plan(pod(), world(scene), before).steps[0]).toMatchObject({ do: 'start-container', backoff: after });
  });

  test('a step that failed is held back, shown, and tried again in time', () => {
    const held = { 'image:a': { until: 5000, reason: 'ErrImagePull', message: 'no' } };
    const result = plan(pod(), world({ sandbox: 'live', images: [], held }), 1000);
    expect(result.steps).toEqual([]);
    expect(result.waiting.get('a')).toEqual({ reason: 'ErrImagePull', message: 'no' });
    expect(result.wakeAt).toBe(5000);
    expect(plan(pod(), world({ sandbox: 'live', images: [], held }), 5000).steps[0]?.key).toBe('image:a');
  });
});

describe('ending', () => {
  const end = { graceSeconds: 7 };
  test.each<[string, Pod, Scene, string[]]>([
    [
      'app containers at once',
      pod(two),
      { sandbox: 'live', has: { a: 'running', b: 'running' } },
      ['stop a 7', 'stop b 7'],
    ],
    ['sidecars after the app', pod(sidecar), { sandbox: 'live', has: { s: 'running', a: 'running' } }, ['stop a 7']],
    ['then the sidecars', pod(sidecar), { sandbox: 'live', has: { s: 'running', a: 'exit 0' } }, ['stop s 7']],
    ['then the sandbox', pod(), { sandbox: 'live', has: { a: 'exit 0' } }, ['stop-sandbox']],
    ['then it is over', pod(), { sandbox: 'dead', has: { a: 'exit 0' } }, ['finish']],
    ['a pod that never started is over at once', pod(), {}, ['finish']],
    ['what is being started must let go first', pod(), { sandbox: 'live', busy: ['start:a'] }, []],
    ['nothing is started any more', pod(two), { sandbox: 'live', has: { a: 'running' }, busy: ['stop:a'] }, []],
  ])('%s', (_, of, scene, expected) => {
    expect(steps(of, scene, end)).toEqual(expected);
  });
});
