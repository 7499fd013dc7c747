import { listCreation, mapCreation, structCreation } from '../cost/factors.ts';
import { Fault } from '../values/fault.ts';
import { ValueList } from '../values/list.ts';
import { Constructed, ValueMap } from '../values/map.ts';
import { typeName } from '../values/type-of.ts';
import { Optional, type Value } from '../values/value.ts';
import type { Outcome, Step } from './frame.ts';

/** Lists, maps and objects that expressions make. */

/** The value of an element that may be optional; undefined where there is none. */
function present(value: Outcome, optional: boolean, entry: string | undefined): Outcome | undefined {
  if (!optional || value instanceof Fault) return value;
  if (value instanceof Optional) return value.value;
  const what = entry === undefined ? 'list element' : `entry '${entry}'`;
  return new Fault(`cannot initialize optional ${what} from non-optional value ${typeName(value)}`);
}

export interface ElementStep {
  readonly run: Step;
  readonly optional: boolean;
}

export function listOf(elements: readonly ElementStep[]): Step {
  return (frame) => {
    const values: Value[] = [];
    for (const { run, optional } of elements) {
      const value = present(run(frame), optional, undefined);
      if (value instanceof Fault) return value;
      if (value !== undefined) values.push(value);
    }
    frame.spend(listCreation);
    return new ValueList(values);
  };
}

export function mapOf(entries: readonly (ElementStep & { readonly key: Step })[]): Step {
  return (frame) => {
    const map = new ValueMap();
    for (const { key: keyStep, run, optional } of entries) {
      const key = keyStep(frame);
      if (key instanceof Fault) return key;
      const value = present(run(frame), optional, String(key));
      if (value instanceof Fault) return value;
      if (value === undefined) continue;
      try {
        map.set(key, value);
      } catch (error) {
        if (error instanceof Fault) return error;
        throw error;
      }
    }
    frame.spend(mapCreation);
    return map;
  };
}

export function objectOf(typeName: string, fields: readonly (ElementStep & { readonly name: string })[]): Step {
  return (frame) => {
    const object = new Constructed(typeName);
    for (const { name, run, optional } of fields) {
      const value = present(run(frame), optional, name);
      if (value instanceof Fault) return value;
      if (value !== undefined) object.set(name, value);
    }
    frame.spend(structCreation);
    return object;
  };
}
