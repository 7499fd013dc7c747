import type { Declaration } from '../check/declaration.ts';
import { listMacros, type Macros, optionalMacros, standardMacros, twoVariableMacros } from '../syntax/macro.ts';
import { authorizers } from './authorizers.ts';
import { formats } from './formats.ts';
import { cidrs, ips } from './ips.ts';
import { lists, moreLists } from './lists.ts';
import { mapInsert } from './map-insert.ts';
import { optionals } from './optionals.ts';
import { quantities } from './quantities.ts';
import { regexes } from './regex.ts';
import { semvers } from './semvers.ts';
import { sets } from './sets.ts';
import { standard } from './standard.ts';
import { stringFunctions } from './strings.ts';
import { times } from './times.ts';
import { urls } from './urls.ts';

/** What expressions of Kubernetes 1.36 may use. Source: apiserver `pkg/cel/environment/base.go`. */
export const kubernetesLibraries: readonly (readonly Declaration[])[] = [
  standard,
  times,
  optionals,
  mapInsert,
  stringFunctions,
  lists,
  moreLists,
  sets,
  regexes,
  urls,
  ips,
  cidrs,
  quantities,
  semvers,
  formats,
  authorizers,
];

export const kubernetesMacros: Macros = { ...standardMacros, ...optionalMacros, ...twoVariableMacros, ...listMacros };
