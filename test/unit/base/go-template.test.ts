import { expect, test } from 'vitest';
import { Template } from '../../../src/base/go-template/run.ts';

const data = {
  name: 'web',
  on: true,
  count: 3,
  nothing: null,
  labels: { b: '2', a: '1', 'x/y': 'z' },
  items: [{ name: 'one', tags: ['t'] }, { name: 'two' }],
};
const render = (text: string) => new Template(text).run(data);

test.each([
  ['text stays', 'a }} { b', 'a }} { b'],
  ['a field', '{{ .name }}', 'web'],
  ['a field of nothing', '[{{ .none.of.it }}]', '[<no value>]'],
  ['trimmed white space', 'a  {{- .name -}}  b', 'awebb'],
  ['a comment', 'a{{/* {{ .name }} */}}b{{- /* c */ -}} c', 'abc'],
  ['literals', '{{ "a\\"b" }}{{ `c"d` }}{{ 12 }}{{ -1.5 }}{{ true }}', 'a"bc"d12-1.5true'],
  ['if', '{{ if .on }}yes{{ end }}{{ if .nothing }}no{{ end }}', 'yes'],
  ['else if and else', '{{ if .nothing }}1{{ else if eq .name "x" }}2{{ else }}3{{ end }}', '3'],
  ['what counts as false', '{{ if or 0 "" .nothing .none (list) (dict) false }}a{{ else }}b{{ end }}', 'b'],
  ['with changes the dot', '{{ with .labels }}{{ .a }}{{ $.name }}{{ end }}', '1web'],
  ['with has an else', '{{ with .none }}a{{ else }}{{ .name }}{{ end }}', 'web'],
  ['range over a list', '{{ range .items }}<{{ .name }}>{{ end }}', '<one><two>'],
  ['with its index', '{{ range $i, $item := .items }}{{ $i }}{{ $item.name }}{{ end }}', '0one1two'],
  ['over a map, by key', '{{ range $k, $v := .labels }}{{ $k }}={{ $v }} {{ end }}', 'a=1 b=2 x/y=z '],
  ['over nothing', '{{ range .none }}a{{ else }}none{{ end }}', 'none'],
  [
    'break and continue',
    '{{ range .items }}{{ if eq .name "one" }}{{ continue }}{{ end }}{{ .name }}{{ break }}{{ end }}',
    'two',
  ],
  ['a variable', '{{ $x := .name }}{{ with .labels }}{{ $x }}{{ end }}', 'web'],
  ['assigned from inside', '{{ $x := 0 }}{{ range .items }}{{ $x = add1 $x }}{{ end }}{{ $x }}', '2'],
  ['hidden by another', '{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}', '21'],
  ['a pipe', '{{ .name | printf "%s-%s" "my" | upper }}', 'MY-WEB'],
  ['parentheses and their fields', '{{ (index .items 1).name }}{{ not (eq .name "web") }}', 'twofalse'],
  ['a key that is no name', '{{ index .labels "x/y" }}{{ index .labels "none" | default "d" }}', 'zd'],
  ['and, or stop early', '{{ or .name (index .none 1) }}{{ and .nothing (index .none 1) }}', 'web<no value>'],
  ['comparisons', '{{ eq .count 1 2 3 }}{{ lt .count 4 }}{{ ge "b" "a" }}{{ ne .none "x" }}', 'truetruetruetrue'],
  [
    'a template of its own',
    '{{ define "t" }}({{ .x }}{{ $.x }}){{ end }}{{ template "t" dict "x" .name }}',
    '(webweb)',
  ],
  ['maps and lists as Go prints them', '{{ .labels }}{{ (index .items 0).tags }}', 'map[a:1 b:2 x/y:z][t]'],
  ['numbers', '{{ add 1 2 "3" }}{{ sub 5 2 }}{{ div 7 2 }}{{ mod 7 4 }}{{ int "12" }}', '6333' + '12'],
  ['texts', '{{ trim " a " }}{{ replace "a" "b" "aa" }}{{ hasPrefix "w" .name }}{{ quote .name }}', 'abbtrue"web"'],
  ['lists', '{{ list 1 2 | len }}{{ join "," (list "a" "b") }}{{ has 2 (list 1 2) }}{{ first (list 7) }}', '2a,btrue7'],
  ['indentation', 'a:{{ nindent 2 "b: 1\\nc: 2" }}', 'a:\n  b: 1\n  c: 2'],
  [
    'formats',
    '{{ printf "%d %05d %q %v %t %.1f %x%%" 7 42 "a" .labels true 1.25 255 }}',
    '7 00042 "a" map[a:1 b:2 x/y:z] true 1.3 ff%',
  ],
])('%s', (_, text, expected) => {
  expect(render(text)).toBe(expected);
});

test.each([
  ['{{ .name', 'unclosed action'],
  ['{{ if .on }}', 'an action without its {{end}}'],
  ['{{ end }}', 'unexpected {{end}}'],
  ['{{ nope .name }}', 'function "nope" not defined'],
  ['{{ $x }}', 'undefined variable "$x"'],
  ['{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}', 'undefined variable "$x"'],
  ['{{ .name 1 }}', 'only functions take arguments'],
  ['{{ (.name }}', 'unclosed parenthesis'],
  ['{{ break }}', '{{break}} outside {{range}}'],
  ['{{ block "a" . }}{{ end }}', '{{block}} is not supported'],
  ['a\n\n{{ ! }}', 'line 3: unexpected "!" in an action'],
])('%s cannot be read', (text, message) => {
  expect(() => new Template(text)).toThrow(message);
});

test.each([
  ['{{ index .none 0 }}', 'index: index of untyped nil'],
  ['{{ index .items 2 }}', 'index: index out of range: 2'],
  ['{{ .name.first }}', "can't evaluate field first"],
  ['{{ range .count }}{{ end }}', "range can't iterate over 3"],
  ['{{ lt .name 1 }}', 'lt: web and 1 have no order'],
  ['{{ template "none" }}', 'template "none" not defined'],
  ['{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}', 'templates are nested too deeply'],
  ['{{ range until 10000 }}{{ range until 10000 }}0123456789{{ end }}{{ end }}', 'the output is too long'],
])('%s cannot be carried out', (text, message) => {
  const template = new Template(text);
  expect(() => template.run(data)).toThrow(message);
});

test('functions of one’s own', () => {
  const template = new Template('{{ Twice .name }}', ['Twice']);
  expect(template.run(data, { Twice: (text) => `${text}${text}` })).toBe('webweb');
});
