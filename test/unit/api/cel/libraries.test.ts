import { describe, expect, test } from 'vitest';
import { celEnvironment } from '../../../../src/api/cel/cel-environment.ts';
import { CelRuntimeError } from '../../../../src/api/cel/environment.ts';

/** Every function of the Kubernetes libraries. Source of cases: the documentation of apiserver `pkg/cel/library`. */

const env = celEnvironment({ d: { kind: 'dyn' } });
const evaluate = (expression: string) => env.compile(expression).evaluate({ d: null }, 1e6).value;

const holds = (name: string, expressions: readonly string[]) =>
  describe(name, () => {
    test.each(expressions)('%s', (expression) => {
      expect(evaluate(expression)).toBe(true);
    });
  });

const fails = (name: string, cases: readonly (readonly [string, string])[]) =>
  describe(`${name} fails`, () => {
    test.each(cases)('%s', (expression, message) => {
      const run = () => evaluate(expression);
      expect(run).toThrow(CelRuntimeError);
      expect(run).toThrow(message);
    });
  });

holds('lists', [
  '[1, 2, 2, 3].isSorted()',
  "!['b', 'a'].isSorted()",
  'dyn([]).isSorted()',
  '[1, 3].sum() == 4',
  '[1.5, 2.5].sum() == 4.0',
  '[uint(1), uint(2)].sum() == uint(3)',
  "[duration('1m'), duration('1s')].sum() == duration('61s')",
  '[3, 1, 2].min() == 1 && [3, 1, 2].max() == 3',
  "['b', 'a'].min() == 'a' && ['b', 'a'].max() == 'b'",
  "[timestamp('2020-01-01T00:00:00Z'), timestamp('2021-01-01T00:00:00Z')].max() == timestamp('2021-01-01T00:00:00Z')",
  "[b'b', b'a'].min() == b'a'",
  '[1, 2, 2, 3].indexOf(2) == 1 && [1, 2, 2, 3].lastIndexOf(2) == 2 && [1].indexOf(5) == -1',
]);
fails('lists', [
  ["dyn('x').min()", 'no such overload: min(string)'],
  ["['x'].filter(x, false).max()", 'max called on empty list'],
  ["['x'].filter(x, false).min()", 'min called on empty list'],
]);

holds('more lists', [
  '[1, 2, 3, 4].slice(1, 3) == [2, 3]',
  '[[1], [2, 3]].flatten() == [1, 2, 3]',
  '[[[1], [2]], [[3]]].flatten(2) == [1, 2, 3] && [[[1]]].flatten(0) == [[[1]]]',
  '[3, 1, 2].sort() == [1, 2, 3]',
  "['bb', 'a'].sortBy(s, s.size()) == ['a', 'bb']",
  '[1, 2, 3].sortBy(x, -x) == [3, 2, 1]',
  'lists.range(3) == [0, 1, 2]',
  '[1, 2].reverse() == [2, 1]',
  '[1, 2, 1, 3, 2].distinct() == [1, 2, 3]',
  '[1, 2].first() == optional.of(1) && [1, 2].last() == optional.of(2)',
  '[optional.of(1), optional.none()].unwrapOpt() == [1]',
]);
fails('more lists', [
  ['[1, 2].slice(1, 5)', 'cannot slice(1, 5), list is length 2'],
  ['[1, 2].slice(-1, 1)', 'cannot slice(-1, 1), negative indexes not supported'],
  ['[1, 2].slice(2, 1)', 'cannot slice(2, 1), start index must be less than or equal to end index'],
  ['[[1]].flatten(-1)', 'level must be non-negative'],
  ['lists.range(-1)', 'lists.range: size must be non-negative, got -1'],
]);

holds('sets', [
  'sets.contains([1, 2, 3], [2]) && !sets.contains([1], [2])',
  'sets.equivalent([1, 2], [2, 1, 1]) && !sets.equivalent([1], [1, 2])',
  'sets.intersects([1], [1, 2]) && !sets.intersects([1], [2])',
  'sets.contains([1], []) && !sets.intersects([], [])',
]);

holds('regular expressions', [
  "'abc 123'.find('[0-9]+') == '123'",
  "'abc'.find('[0-9]+') == ''",
  "'123 abc 456'.findAll('[0-9]+') == ['123', '456']",
  "'123 abc 456'.findAll('[0-9]+', 1) == ['123']",
  "'123'.findAll('[a-z]', 5) == []",
  "'foobar'.matches('foo.*') && matches('foobar', '^f')",
]);
fails('regular expressions', [
  ["'a'.find(string(b'('))", 'Illegal regex: error parsing regexp: missing closing ): `(`'],
]);

holds('strings', [
  "'tacocat'.charAt(3) == 'o' && 'hello'.charAt(5) == ''",
  "'hello mellow'.indexOf('ello', 2) == 7 && 'hello mellow'.lastIndexOf('ello') == 7",
  "'TacoCÆt'.lowerAscii() == 'tacocÆt' && 'TacoCÆt'.upperAscii() == 'TACOCÆT'",
  "'hello hello'.replace('he', 'we', 1) == 'wello hello' && 'abc'.replace('', '_') == '_a_b_c_'",
  "'a,b,c'.split(',', 2) == ['a', 'b,c'] && 'ab'.split('') == ['a', 'b'] && 'a'.split(',', 0) == []",
  "'tacocat'.substring(4) == 'cat' && 'tacocat'.substring(0, 4) == 'taco'",
  "'  \\u2003trim\\n'.trim() == 'trim'",
  "['a', 'b'].join() == 'ab' && ['a', 'b'].join('-') == 'a-b'",
  String.raw`strings.quote('a\n"b"') == '"a\\n\\"b\\""'`,
  "'😀b'.size() == 2 && '😀b'.charAt(1) == 'b' && '😀b'.indexOf('b') == 1 && '😀b'.substring(1) == 'b'",
  "'%s and %d, %x %X %o %b'.format(['a', 12, 255, 255, 8, 5]) == 'a and 12, ff FF 10 101'",
  "'%.2f %f'.format([1234.567, 0.5]) == '1,234.57 0.500000'",
  "'%.2e'.format([1052.03]) == '1.05×10⁰³'",
  `'%s'.format([[1, 'a', 1.5, null, {'k': true}]]) == '[1, "a", 1.500000, null, {"k":true}]'`,
  `'%s %s'.format([duration('90s'), timestamp('2020-01-01T00:00:00Z')]) == '90s 2020-01-01T00:00:00Z'`,
]);
fails('strings', [
  ["'abc'.charAt(4)", 'index out of range: 4'],
  ["'abc'.substring(2, 1)", 'invalid substring range. start: 2, end: 1'],
  ["'%d'.format([dyn('a')])", 'error during formatting: decimal clause can only be used on integers, was given string'],
]);

holds('URLs', [
  "url('https://user:pw@example.com:80/a%20b?k=a&k=b&x=%41#frag').getScheme() == 'https'",
  "url('https://example.com:80/').getHost() == 'example.com:80'",
  "url('https://example.com/').getHost() == 'example.com'",
  "url('https://[::1]:80/').getHost() == '[::1]:80' && url('https://[::1]:80/').getHostname() == '::1'",
  "url('https://example.com:80/').getHostname() == 'example.com' && url('https://example.com:80/').getPort() == '80'",
  "url('/path').getScheme() == '' && url('/path').getHost() == '' && url('/path').getPort() == ''",
  "url('https://example.com/path with spaces/').getEscapedPath() == '/path%20with%20spaces/'",
  "url('https://example.com/a%2Fb').getEscapedPath() == '/a%2Fb'",
  "url('https://example.com/path?k1=a&k2=b&k2=c').getQuery() == {'k1': ['a'], 'k2': ['b', 'c']}",
  "url('https://example.com/p?a+b=%20c').getQuery() == {'a b': [' c']}",
  "url('https://a.com/x') == url('https://a.com/x') && url('https://a.com/x') != url('https://a.com/y')",
  "isURL('https://a:80/') && isURL('/abs') && !isURL('../relative') && !isURL('') && !isURL('https://a b/')",
]);
fails('URLs', [
  ["url('../relative')", 'URL parse error during conversion from string: parse "../relative": invalid URI for request'],
  [
    "url('https://a:port/')",
    'URL parse error during conversion from string: parse "https://a:port/": invalid port ":port" after host',
  ],
  ["url('/%zz')", 'URL parse error during conversion from string: parse "/%zz": invalid URL escape "%zz"'],
]);

holds('IP addresses', [
  "isIP('127.0.0.1') && isIP('::1') && !isIP('127.0.0.256') && !isIP(':::1') && !isIP('01.2.3.4')",
  "!isIP('::ffff:1.2.3.4') && !isIP('fe80::1%eth0')",
  "ip.isCanonical('127.0.0.1') && ip.isCanonical('2001:db8::abcd')",
  "!ip.isCanonical('2001:DB8::ABCD') && !ip.isCanonical('2001:db8::0:0:0:abcd')",
  "ip('127.0.0.1').family() == 4 && ip('::1').family() == 6",
  "ip('0.0.0.0').isUnspecified() && ip('::').isUnspecified() && !ip('::1').isUnspecified()",
  "ip('127.0.0.1').isLoopback() && ip('::1').isLoopback() && !ip('192.168.0.1').isLoopback()",
  "ip('224.0.0.1').isLinkLocalMulticast() && ip('ff02::1').isLinkLocalMulticast() && !ip('224.0.1.1').isLinkLocalMulticast()",
  "ip('169.254.169.254').isLinkLocalUnicast() && ip('fe80::1').isLinkLocalUnicast() && !ip('fd80::1').isLinkLocalUnicast()",
  "ip('192.168.0.1').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast() && !ip('ff00::1').isGlobalUnicast()",
  "string(ip('2001:DB8::1')) == '2001:db8::1' && ip('::1') == ip('0:0:0:0:0:0:0:1')",
  "type(ip('::1')) == net.IP",
]);
fails('IP addresses', [
  [
    "ip('1.2.3')",
    'IP Address "1.2.3" parse error during conversion from string: ParseAddr("1.2.3"): IPv4 address too short',
  ],
  ["ip('::ffff:1.2.3.4')", 'IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed'],
  ["ip('fe80::1%eth0')", 'IP address "fe80::1%eth0" with zone value is not allowed'],
]);

holds('address ranges', [
  "isCIDR('192.168.0.0/16') && isCIDR('::1/128') && !isCIDR('192.168.0.0/33') && !isCIDR('192.168.0.0') && !isCIDR('::1/129')",
  "cidr('192.168.0.0/24').containsIP(ip('192.168.0.1')) && !cidr('192.168.0.0/24').containsIP(ip('192.168.1.1'))",
  "cidr('192.168.0.0/24').containsIP('192.168.0.1') && !cidr('192.168.0.0/24').containsIP('::1')",
  "cidr('192.168.0.0/16').containsCIDR(cidr('192.168.10.0/24')) && !cidr('192.168.1.0/24').containsCIDR('192.168.0.0/16')",
  "cidr('192.168.1.5/24').ip() == ip('192.168.1.5') && cidr('192.168.1.5/24').masked() == cidr('192.168.1.0/24')",
  "cidr('192.168.0.0/24').prefixLength() == 24 && string(cidr('2001:DB8::/32')) == '2001:db8::/32'",
]);
fails('address ranges', [
  [
    "cidr('192.168.0.0/33')",
    'network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("192.168.0.0/33"): prefix length out of range',
  ],
  ["cidr('1.0.0.0/8').containsIP('x')", 'IP Address "x" parse error'],
]);

holds('quantities', [
  "isQuantity('1.3G') && isQuantity('20Mi') && !isQuantity('1.3g') && !isQuantity('') && !isQuantity(' 1')",
  "quantity('200M').compareTo(quantity('0.2G')) == 0 && quantity('50M').isLessThan(quantity('50Mi'))",
  "quantity('50Mi').isGreaterThan(quantity('50M')) && quantity('1k') == quantity('1000')",
  "quantity('50k').add(quantity('20')) == quantity('50.02k') && quantity('50k').add(20) == quantity('50020')",
  "quantity('50k').sub(quantity('20')) == quantity('49.98k') && quantity('50k').sub(20) == quantity('49980')",
  "quantity('50k').isInteger() && quantity('50k').asInteger() == 50000 && !quantity('50m').isInteger()",
  "quantity('50.7M').asApproximateFloat() == 50700000.0 && sign(quantity('-1')) == -1 && sign(quantity('0')) == 0",
]);
fails('quantities', [
  ["quantity('9999999999999999999999999999999999999G').asInteger()", 'cannot convert value to integer'],
  ["quantity('x')", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
]);

holds('semantic versions', [
  "isSemver('1.0.0') && isSemver('1.0.0-alpha.1+build') && !isSemver('v1.0') && !isSemver('01.0.0') && !isSemver('1.0')",
  "isSemver('v1.0', true) && isSemver('01.01', true) && !isSemver('1.0-rc', true)",
  "semver('1.2.3').major() == 1 && semver('1.2.3').minor() == 2 && semver('1.2.3').patch() == 3",
  "semver('1.2.3').compareTo(semver('1.2.3')) == 0 && semver('1.2.3').isLessThan(semver('1.10.0'))",
  "semver('1.0.0').isGreaterThan(semver('1.0.0-rc.1')) && semver('1.0.0-alpha.2').isLessThan(semver('1.0.0-alpha.10'))",
  "semver('1.0.0-alpha').isGreaterThan(semver('1.0.0-1')) && semver('1.0.0+a') == semver('1.0.0+b')",
  "semver('v1.2', true) == semver('1.2.0')",
]);
fails('semantic versions', [
  ["semver('1.0')", 'No Major.Minor.Patch elements found'],
  ["semver('01.0.0')", 'Major number must not contain leading zeroes "01"'],
  ["semver('1.x.0')", 'Invalid character(s) found in minor number "x"'],
]);

holds('formats', [
  "!format.dns1123Label().validate('my-label-name').hasValue()",
  "format.dns1123Label().validate('contains.dots').hasValue()",
  "!format.dns1123LabelPrefix().validate('my-label-').hasValue() && format.dns1123Label().validate('my-label-').hasValue()",
  "!format.dns1123Subdomain().validate('a.b').hasValue() && !format.dns1123SubdomainPrefix().validate('a.b-').hasValue()",
  "format.dns1035Label().validate('1a').hasValue() && !format.dns1035LabelPrefix().validate('a1-').hasValue()",
  "!format.qualifiedName().validate('a.b/c').hasValue() && !format.labelValue().validate('').hasValue()",
  "!format.uri().validate('http://a').hasValue() && format.uri().validate('::a').hasValue()",
  "!format.uuid().validate('123e4567-e89b-12d3-a456-426614174000').hasValue() && format.uuid().validate('x').hasValue()",
  "!format.byte().validate('aGVsbG8=').hasValue() && format.byte().validate('aGVsbG8').hasValue()",
  "!format.date().validate('2021-02-28').hasValue() && format.date().validate('2021-02-29').hasValue()",
  "!format.datetime().validate('2021-01-01T00:00:00Z').hasValue() && format.datetime().validate('2021-01-01').hasValue()",
  "format.named('dns1123Label').value() == format.dns1123Label() && !format.named('unknown').hasValue()",
  "format.dns1123Label().validate('a.b').value() == ['must not contain dots']",
]);

holds('optionals', [
  'optional.of(1).orValue(2) == 1 && optional.none().orValue(2) == 2',
  'optional.none().or(optional.of(1)).value() == 1',
  'optional.ofNonZeroValue(0) == optional.none() && optional.ofNonZeroValue([1]).hasValue()',
  "{'a': {'b': 1}}.?a.?b.optMap(x, x + 1) == optional.of(2)",
  "{'a': {'b': 1}}.?a.optFlatMap(x, x.?c) == optional.none()",
  "optional.of([1, 2])[1] == optional.of(2) && {'a': 1}[?'b'] == optional.none()",
]);
fails('optionals', [['optional.none().value()', 'optional.none() dereference']]);

test('library types keep to their own kind', () => {
  expect(() => env.compile("ip('::1') == cidr('::1/128')")).toThrow("applied to '(net.IP, net.CIDR)'");
  expect(() => env.compile("quantity('1') < quantity('2')")).toThrow('found no matching overload');
});

test('a result of a library leaves as its text', () => {
  expect(evaluate("quantity('1000m')")).toBe('1');
  expect(evaluate("ip('::0')")).toBe('::');
  expect(evaluate("cidr('10.0.0.0/8')")).toBe('10.0.0.0/8');
  expect(evaluate("semver('1.2.3-a.1+b')")).toBe('1.2.3-a.1+b');
  expect(evaluate("url('https://a.com/x?y')")).toBe('https://a.com/x?y');
});
