import type { Pod } from '../../src/api/types/core-v1.gen.ts';
import { Cycle } from '../../src/scheduler/cycle/cycle.ts';
import { DryRuns } from '../../src/scheduler/preemption/dry-runs.ts';
import { bestCandidate, enoughCandidates, findCandidates } from '../../src/scheduler/preemption/preemption.ts';
import { Nominations } from '../../src/scheduler/state/nominations.ts';
import { type PodInfo, podInfo } from '../../src/scheduler/state/pod-info.ts';
import { type Recorded, record } from '../record.ts';
import { plugins, tableOf, worldOf } from './cluster.ts';
import * as shapes from './shapes.ts';

const args = { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 };

function podWith(name: string, cpu: string, priority: number, status: Pod['status'] = {}): PodInfo {
  const pod = shapes.podOf('default', name);
  const containers = [{ ...pod.spec!.containers[0]!, resources: { requests: { cpu, memory: '500Mi' } } }];
  return podInfo({ metadata: { ...pod.metadata!, uid: name }, spec: { containers, priority }, status });
}

/**
 * PreemptionAsync: every node is full of four small pods; each of the measured ones takes the place of three of them.
 * All have chosen their victims before the first of those is gone and the pods are placed. Nothing is written.
 */
export function preemptingFigure(nodeCount: number, count: number): Recorded {
  const nodes = tableOf([{ count: nodeCount }]);
  const world = worldOf(undefined);
  const cycle = new Cycle(nodes, world, plugins);
  const nominations = new Nominations(nodes);
  const runs = new DryRuns(nodes);
  for (let n = 0; n < 4 * nodeCount; n++) nodes.addPod(podWith(`low${n}`, '900m', 0), `n${n % nodeCount}`);
  const victims: PodInfo[] = [];
  const chosen: string[] = [];
  const started = performance.now();
  for (let n = 0; n < count; n++) {
    const pod = podWith(`high${n}`, '3', 10);
    const { diagnosis } = nominations.respecting(pod, () => cycle.place(pod, Math.random));
    if (!diagnosis) throw new Error('there is room without preemption');
    const { resolvable } = diagnosis;
    const enough = enoughCandidates(resolvable.length, args);
    const { found } = nominations.respecting(pod, () =>
      findCandidates(pod, nodes, world, cycle.judge(pod), resolvable, enough, (run) =>
        runs.of(cycle.kindOf(pod)!, run),
      ),
    );
    const best = bestCandidate(found);
    victims.push(...best.pods);
    chosen.push(best.node);
    nominations.set(pod, best.node);
  }
  for (const { uid } of victims) nodes.removePod(uid);
  for (let n = 0; n < count; n++) {
    const pod = podWith(`high${n}`, '3', 10, { nominatedNodeName: chosen[n]! });
    const { node } = nominations.respecting(pod, () => cycle.place(pod, Math.random));
    if (node !== chosen[n]) throw new Error('the room was given to another pod');
    nominations.delete(pod.uid);
    nodes.addPod(pod, node!);
  }
  const value = count / ((performance.now() - started) / 1000);
  return record({ name: 'schedule.preemption', value, unit: 'pods/s', n: count });
}
