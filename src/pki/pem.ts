/** A block of a PEM text. */
export interface PemBlock {
  readonly type: string;
  /** Whether there are "Key: value" lines before the body. */
  readonly hasHeaders: boolean;
  readonly der: Buffer;
}

const begin = '-----BEGIN ';
const end = '-----END ';
const dashes = '-----';

/** Every well-formed block of a text, in one pass; what lies between or does not decode is skipped, as Go skips it. */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let close = -1;
  for (let open = text.indexOf(begin); open >= 0; open = text.indexOf(begin, open + 1)) {
    const line = text.indexOf('\n', open);
    if (line < 0) break;
    if (close < line) close = text.indexOf(end, line);
    if (close < 0) break;
    const label = text.slice(open, line).trimEnd();
    const type = label.slice(begin.length, -dashes.length);
    if (!label.endsWith(dashes) || !text.startsWith(type + dashes, close + end.length)) continue;
    const block = decoded(type, text.slice(line + 1, close));
    if (block) blocks.push(block);
    open = close;
  }
  return blocks;
}

function decoded(type: string, content: string): PemBlock | undefined {
  const lines = content.split('\n').map((line) => line.trim());
  const body = lines.findIndex((line) => !line.includes(':'));
  const base64 = lines.slice(body).join('');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64) || base64.length % 4 !== 0) return undefined;
  return { type, hasHeaders: body > 0, der: Buffer.from(base64, 'base64') };
}
