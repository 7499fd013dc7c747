import type { Declaration } from '../check/declaration.ts';
import { listMacros, type Macros, optionalMacros, standardMacros, twoVariableMacros } from '../syntax/macro.ts';
import { mapInsert } from './map-insert.ts';
import { optionals } from './optionals.ts';
import { regexes } from './regex.ts';
import { standard } from './standard.ts';
import { stringFunctions } from './strings.ts';
import { times } from './times.ts';

/** What expressions of Kubernetes 1.36 may use. Source: apiserver `pkg/cel/environment/base.go`. */
export const kubernetesLibraries: readonly (readonly Declaration[])[] = [
  standard,
  times,
  optionals,
  mapInsert,
  regexes,
  stringFunctions,
];

export const kubernetesMacros: Macros = { ...standardMacros, ...optionalMacros, ...twoVariableMacros, ...listMacros };
