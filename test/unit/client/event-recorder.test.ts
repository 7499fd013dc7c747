import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import { notFound } from '../../../src/api/status.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { createClient } from '../../../src/client/client.ts';
import { ApiEventRecorder } from '../../../src/client/event-recorder.ts';
import { ScriptedTransport } from '../../kit/scripted-transport.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', uid: 'u1', resourceVersion: '7' },
};

function start(answer: (verb: string) => unknown = () => ({ metadata: {} })) {
  const transport = new ScriptedTransport((call) => answer(call.verb));
  const clock = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5));
  const client = createClient(transport);
  const recorder = new ApiEventRecorder({ client, component: 'tester', clock, log: silentLogger });
  return { transport, clock, recorder };
}

const objects = (t: ScriptedTransport) => t.calls.filter((c) => c.verb === 'create').map((c) => c.object as KubeObject);

describe('ApiEventRecorder', () => {
  it('writes an event in the object namespace, named after the object and the time', async () => {
    const { transport, recorder } = start();
    recorder.event(pod, 'Normal', 'Started', 'it runs');
    await recorder.flush();
    const [call] = transport.calls;
    expect(call).toMatchObject({ verb: 'create', namespace: 'shop', options: { lazy: true } });
    expect(call!.object).toMatchObject({
      apiVersion: 'v1',
      kind: 'Event',
      involvedObject: {
        apiVersion: 'v1',
        kind: 'Pod',
        name: 'web',
        namespace: 'shop',
        uid: 'u1',
        resourceVersion: '7',
      },
      type: 'Normal',
      reason: 'Started',
      message: 'it runs',
      count: 1,
      firstTimestamp: '2026-01-02T03:04:05Z',
      source: { component: 'tester' },
    });
    expect((call!.object as KubeObject).metadata.name).toMatch(/^web\.[0-9a-f]{15,16}$/);
  });

  it('puts events about cluster objects into default', async () => {
    const { transport, recorder } = start();
    recorder.event({ kind: 'Node', name: 'n1', uid: 'n1' }, 'Normal', 'NodeReady', 'ready');
    await recorder.flush();
    expect(transport.calls[0]!.namespace).toBe('default');
  });

  it('counts repeats instead of writing them again', async () => {
    const { transport, clock, recorder } = start();
    recorder.event(pod, 'Warning', 'BackOff', 'again');
    await recorder.flush();
    await clock.advance(10_000);
    recorder.event(pod, 'Warning', 'BackOff', 'again');
    await recorder.flush();
    expect(transport.calls.map((c) => c.verb)).toEqual(['create', 'patch']);
    expect(transport.calls[1]!.patch?.body).toEqual({
      count: 2,
      lastTimestamp: '2026-01-02T03:04:15Z',
      message: 'again',
    });
    expect(transport.calls[1]!.name).toBe((transport.calls[0]!.object as KubeObject).metadata.name);
  });

  it('writes an expired event anew, with its count', async () => {
    const { transport, recorder } = start((verb) => {
      if (verb === 'patch') throw notFound({ group: '', resource: 'events' }, 'web.1');
      return { metadata: {} };
    });
    recorder.event(pod, 'Warning', 'BackOff', 'again');
    await recorder.flush();
    recorder.event(pod, 'Warning', 'BackOff', 'again');
    await recorder.flush();
    expect(objects(transport).map((e) => e['count'])).toEqual([1, 2]);
  });

  it('combines similar events from the tenth message on', async () => {
    const { transport, recorder } = start();
    for (let i = 0; i < 12; i++) recorder.event(pod, 'Warning', 'Failed', `attempt ${i}`);
    await recorder.flush();
    const messages = objects(transport).map((e) => e['message']);
    expect(messages.length).toBe(10);
    expect(messages.at(-1)).toMatch(/^\(combined from similar events\): attempt /);
  });

  it('cuts a flood about one object at 25, without silencing others', async () => {
    const { transport, clock, recorder } = start();
    for (let i = 0; i < 100; i++) recorder.event(pod, 'Normal', `Reason${i}`, 'x');
    recorder.event({ ...pod, metadata: { ...pod.metadata, name: 'other', uid: 'u2' } }, 'Normal', 'Hello', 'x');
    await recorder.flush();
    expect(objects(transport).length).toBe(26);
    await clock.advance(300_000);
    recorder.event(pod, 'Normal', 'Later', 'x');
    await recorder.flush();
    expect(objects(transport).length).toBe(27);
  });
});
