import { describe, expect, test } from 'vitest';
import { controllers } from '../../../src/controllers/index.ts';
import {
  defaultControllers,
  isChosen,
  ownControllers,
  problemsOfChoice,
  serverControllers,
  upstreamControllers,
} from '../../../src/controllers/names.ts';

const built = controllers.map((controller) => controller.name).sort();
const ofManager = built.filter((name) => !serverControllers.includes(name));

test('every upstream controller is built, or it is said why it is not', () => {
  const here = upstreamControllers.filter(({ missing }) => missing === undefined);
  const names = [...here, ...ownControllers].map(({ name }) => name);
  expect([...names, ...serverControllers].sort()).toEqual(built);
});

test('no name is used twice', () => {
  const names = upstreamControllers.flatMap(({ name, alias }) => [name, ...(alias ? [alias] : [])]);
  expect(new Set(names).size).toBe(names.length);
});

describe('a choice of controllers', () => {
  const chosen = (...choice: string[]) => ofManager.filter((name) => isChosen(name, choice));
  const offByDefault = new Set(upstreamControllers.filter((c) => c.offByDefault).map(({ name }) => name));

  test('* is all but those that are off by default', () => {
    expect(chosen('*')).toEqual(ofManager.filter((name) => !offByDefault.has(name)));
  });

  test('-NAME leaves one out, by its old name too', () => {
    const rest = chosen('*').filter((name) => name !== 'job-controller');
    expect(chosen('*', '-job-controller')).toEqual(rest);
    expect(chosen('*', '-job')).toEqual(rest);
  });

  test('without * only those that are named run', () => {
    expect(chosen('job', 'gone', 'deployment-controller')).toEqual(['deployment-controller', 'job-controller']);
    expect(chosen('-job')).toEqual([]);
  });

  test('the first entry that names a controller counts', () => {
    expect(chosen('-job', 'job')).toEqual([]);
    expect(chosen('job', '-job')).toEqual(['job-controller']);
  });

  test('what is part of the API server always runs', () => {
    expect(serverControllers.every((name) => isChosen(name, ['-job']))).toBe(true);
  });

  test('by default those run that kubeadm runs', () => {
    expect(defaultControllers.slice(1).every((name) => isChosen(name, defaultControllers))).toBe(true);
    expect(isChosen('selinux-warning-controller', defaultControllers)).toBe(false);
  });

  test('names that no controller has, and controllers that krill does not have, are refused with the reason', () => {
    expect(problemsOfChoice(['*', '-job', 'deployment-controller'])).toEqual([]);
    expect(problemsOfChoice(['*', '-cron', 'foo'])).toEqual([
      '"cron" is not in the list of known controllers',
      '"foo" is not in the list of known controllers',
    ]);
    expect(problemsOfChoice(['route'])).toEqual(['krill has no node-route-controller: krill has no cloud provider']);
    expect(problemsOfChoice(['*', '-route'])).toEqual([]);
  });
});
