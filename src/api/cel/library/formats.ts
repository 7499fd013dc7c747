import {
  labelValueErrors,
  type NameRule,
  nameIsDns1035Label,
  nameIsLabel,
  nameIsSubdomain,
  qualifiedNameErrors,
} from '../../names.ts';
import { type Declaration, fn, method } from '../check/declaration.ts';
import { listOf, optionalOf, structNamed, types } from '../check/type.ts';
import { Fault } from '../values/fault.ts';
import { ValueList } from '../values/list.ts';
import { Opaque, Optional, type Value } from '../values/value.ts';
import { parseRequestUri } from './url-parse.ts';

/** Named formats of texts. Source: apiserver `pkg/cel/library/format.go`. */

const { string } = types;
const formatType = structNamed('kubernetes.NamedFormat');

class Format extends Opaque {
  readonly typeName = formatType.name;
  readonly name: string;
  readonly errors: (text: string) => readonly string[];
  /** Length of a pattern that would do the same: what a check costs. */
  readonly patternSize: number;

  constructor(name: string, patternSize: number, errors: (text: string) => readonly string[]) {
    super();
    this.name = name;
    this.patternSize = patternSize;
    this.errors = errors;
  }

  equals(other: Value): boolean {
    return other instanceof Format && other.name === this.name;
  }

  toJson(): string {
    return this.name;
  }
}

const named =
  (rule: NameRule, prefix: boolean) =>
  (text: string): readonly string[] =>
    rule(text, prefix);

const shaped =
  (holds: (text: string) => boolean, error: string) =>
  (text: string): readonly string[] =>
    holds(text) ? [] : [error];

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;
const dateShape = /^(\d{4})-(\d\d)-(\d\d)$/;
const timeShape = /^(\d\d):(\d\d):(\d\d)(?:.[0-9]+)?(?:z|[+-]\d\d:\d\d)$/;

function isDate(text: string): boolean {
  const m = dateShape.exec(text);
  if (!m) return false;
  const [year, month, day] = m.slice(1).map(Number) as [number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return month >= 1 && day >= 1 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isDateTime(text: string): boolean {
  const [date = '', time = ''] = text.toLowerCase().split('t');
  const m = timeShape.exec(time);
  return m !== null && isDate(date) && m[1]! <= '23' && m[2]! <= '59' && m[3]! <= '59';
}

function uriErrors(text: string): readonly string[] {
  try {
    parseRequestUri(text);
    return [];
  } catch (error) {
    if (error instanceof Fault) return [error.message];
    throw error;
  }
}

const all: Readonly<Record<string, Format>> = {
  dns1123Label: new Format('DNS1123Label', 30, named(nameIsLabel, false)),
  dns1123Subdomain: new Format('DNS1123Subdomain', 60, named(nameIsSubdomain, false)),
  dns1035Label: new Format('DNS1035Label', 30, named(nameIsDns1035Label, false)),
  qualifiedName: new Format('QualifiedName', 60, qualifiedNameErrors),
  dns1123LabelPrefix: new Format('DNS1123LabelPrefix', 30, named(nameIsLabel, true)),
  dns1123SubdomainPrefix: new Format('DNS1123SubdomainPrefix', 60, named(nameIsSubdomain, true)),
  dns1035LabelPrefix: new Format('DNS1035LabelPrefix', 30, named(nameIsDns1035Label, true)),
  labelValue: new Format('LabelValue', 40, labelValueErrors),
  uri: new Format('URI', 1103, uriErrors),
  uuid: new Format(
    'uuid',
    71,
    shaped((text) => uuid.test(text), 'does not match the UUID format'),
  ),
  byte: new Format(
    'byte',
    84,
    shaped((text) => base64.test(text), 'invalid base64'),
  ),
  date: new Format('date', 71, shaped(isDate, 'invalid date')),
  datetime: new Format('datetime', 71, shaped(isDateTime, 'invalid datetime')),
};

function validate(format: Format, text: string): Optional {
  const errors = format.errors(text);
  return errors.length === 0 ? Optional.none : Optional.of(new ValueList([...errors]));
}

export const formats: readonly Declaration[] = [
  ...Object.entries(all).map(([name, format]) => fn(`format.${name}`, `format.${name}`, [], formatType, () => format)),
  fn('format.named', 'format-named', [string], optionalOf(formatType), (name: string) =>
    Object.hasOwn(all, name) ? Optional.of(all[name]!) : Optional.none,
  ),
  method('validate', 'format-validate', [formatType, string], optionalOf(listOf(string)), validate),
];
