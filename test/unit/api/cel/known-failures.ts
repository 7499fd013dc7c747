/**
 * Official vectors that do not hold here, by reason. `spec.test.ts` fails when one of them holds after all, and when
 * another does not.
 */

/** Suites of libraries that Kubernetes does not have. */
export const otherLibraries: readonly string[] = ['block_ext', 'encoders_ext', 'math_ext'];

export const knownFailures: Readonly<Record<string, readonly string[]>> = {
  "Kubernetes prints numbers and nested values with cel-go's first formatter (strings library version 2)": [
    'string_ext/format/scientific notation formatting clause',
    'string_ext/format/default precision for scientific notation',
    'string_ext/format/positive infinity support for scientific notation',
    'string_ext/format/negative infinity support for scientific notation',
    'string_ext/format/NaN support for decimal',
    'string_ext/format/positive infinity support for decimal',
    'string_ext/format/negative infinity support for decimal',
    'string_ext/format/positive infinity support for fixed-point',
    'string_ext/format/negative infinity support for fixed-point',
    'string_ext/format/list support for string',
    'string_ext/format/map support for string',
    'string_ext/format/map support (all key types)',
    'string_ext/format/dyntype support for scientific notation',
    'string_ext/format/dyntype NaN/infinity support',
    'string_ext/format/dyntype support for lists',
    'string_ext/format/dyntype support for maps',
    'string_ext/format/scientific notation formatting clause in a string variable',
  ],
  'cel-go answers so too: the last of repeated keys counts': [
    'fields/qualified_identifier_resolution/map_value_repeat_key',
    'fields/qualified_identifier_resolution/map_value_repeat_key_heterogeneous',
  ],
  'cel-go answers so too: milliseconds of a duration are all of them': [
    'timestamps/duration_converters/get_milliseconds',
  ],
  'cel-go answers so too: an offset behind the end finds nothing': [
    'string_ext/value_errors/indexof_out_of_range',
    'string_ext/value_errors/lastindexof_out_of_range',
  ],
  'Kubernetes leaves presence tests of other than objects lenient (no EnableErrorOnBadPresenceTest)': [
    'optionals/optionals/map_null_entry_no_such_key',
    'optionals/optionals/map_present_key_invalid_field',
  ],
  'expressions of Kubernetes have no container to look names up in': [
    'namespace/namespace/self_eval_container_lookup',
    'namespace/namespace/self_eval_container_lookup_unchecked',
  ],
  'without a check nothing says that a.b.c is one variable; Kubernetes checks everything': [
    'fields/qualified_identifier_resolution/qualified_identifier_resolution_unchecked',
  ],
};
