/** Cuts a byte stream into lines. Bytes are joined before they are decoded, so a character may span two chunks. */
export class LineSplitter {
  #rest: Buffer[] = [];

  /** The lines that `chunk` completes, without their newlines; empty ones are left out. */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#rest.push(chunk.subarray(start, end));
      const line = (this.#rest.length === 1 ? this.#rest[0]! : Buffer.concat(this.#rest)).toString('utf8');
      if (line.trim() !== '') lines.push(line);
      this.#rest = [];
      start = end + 1;
    }
    if (start < chunk.length) this.#rest.push(chunk.subarray(start));
    return lines;
  }
}
