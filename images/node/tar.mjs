/** @typedef {{ path: string, type: 'file' | 'folder' | 'link', mode: number, data?: Buffer, target?: string }} Entry */

/** One 512-byte ustar header; owner root and time zero, so that equal contents give equal bytes. */
function header(entry) {
  const block = Buffer.alloc(512);
  const size = entry.data?.length ?? 0;
  const name = entry.path.replace(/^\//, '') + (entry.type === 'folder' ? '/' : '');
  if (Buffer.byteLength(name) > 100) throw new Error(`path too long for the image: ${name}`);
  const octal = (value, width, at) => block.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
  block.write(name, 0, 'utf8');
  octal(entry.mode, 8, 100);
  octal(0, 8, 108);
  octal(0, 8, 116);
  octal(size, 12, 124);
  octal(0, 12, 136);
  block.fill(' ', 148, 156);
  block.write({ file: '0', link: '2', folder: '5' }[entry.type], 156, 'latin1');
  if (entry.target) block.write(entry.target, 157, 'utf8');
  block.write('ustar\u000000', 257, 'latin1');
  block.write(
    `${[...block]
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    'latin1',
  );
  return block;
}

/** A reproducible tar archive of `entries`, sorted by path. */
export function tar(entries) {
  const parts = [];
  for (const entry of [...entries].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    parts.push(header(entry));
    if (!entry.data) continue;
    parts.push(entry.data);
    parts.push(Buffer.alloc((512 - (entry.data.length % 512)) % 512));
  }
  parts.push(Buffer.alloc(1024));
  return Buffer.concat(parts);
}
