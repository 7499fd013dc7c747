/** Findings of the parser and the checker, printed as cel-go prints them. Source: cel-go `common/error.go`. */

interface Finding {
  readonly line: number;
  /** From 0, in code points. */
  readonly column: number;
  readonly message: string;
}

const mostFindings = 100;
const longestSnippet = 16_384;

/** Where a finding has no place in the text. */
export const nowhere = -1;

const wide = (char: string) => char.codePointAt(0)! > 0x7f;

export class Findings {
  readonly #text: string;
  readonly #findings: Finding[] = [];
  #count = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get empty(): boolean {
    return this.#count === 0;
  }

  /** Records a finding at an offset of the text. */
  add(offset: number, message: string): void {
    if (++this.#count <= mostFindings) this.#findings.push({ ...this.#place(offset), message });
  }

  #place(offset: number): { line: number; column: number } {
    if (offset === nowhere) return { line: -1, column: -1 };
    const start = this.#text.lastIndexOf('\n', offset - 1) + 1;
    let line = 1;
    for (let i = this.#text.indexOf('\n'); i !== -1 && i < start; i = this.#text.indexOf('\n', i + 1)) line++;
    return { line, column: [...this.#text.slice(start, offset)].length };
  }

  toString(): string {
    const sorted = this.#findings.toSorted((a, b) => a.line - b.line || a.column - b.column);
    const lines = sorted.map((finding) => this.#print(finding));
    if (this.#count > mostFindings) lines.push(`${this.#count - mostFindings} more errors were truncated`);
    return lines.join('\n');
  }

  #print({ line, column, message }: Finding): string {
    const head = `ERROR: <input>:${line}:${column + 1}: ${message}`;
    const snippet = line < 1 ? undefined : this.#text.split('\n')[line - 1]?.replaceAll('\t', ' ');
    if (snippet === undefined || snippet.length > longestSnippet) return head;
    const chars = [...snippet];
    const dots = chars.slice(0, column).map((char) => (wide(char) ? '．' : '.'));
    const mark = chars[column] !== undefined && wide(chars[column]) ? '＾' : '^';
    return `${head}\n | ${snippet}\n | ${dots.join('')}${mark}`;
  }
}
