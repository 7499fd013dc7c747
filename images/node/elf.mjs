/** What an ELF file asks of the loader: its interpreter and the shared libraries it names (64-bit, little-endian). */
export function elfNeeds(bytes) {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46) return { interpreter: undefined, needed: [] };
  if (bytes[4] !== 2 || bytes[5] !== 1) throw new Error('not a 64-bit little-endian ELF file');
  const at = (offset) => Number(bytes.readBigUInt64LE(offset));
  const segments = [];
  const [table, entrySize, count] = [at(32), bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  for (let i = 0; i < count; i++) {
    const p = table + i * entrySize;
    segments.push({ type: bytes.readUInt32LE(p), offset: at(p + 8), address: at(p + 16), size: at(p + 32) });
  }
  const text = (offset) => bytes.toString('latin1', offset, bytes.indexOf(0, offset));
  const fileOffset = (address) => {
    const load = segments.find((s) => s.type === 1 && address >= s.address && address < s.address + s.size);
    if (!load) throw new Error('ELF address outside every segment');
    return address - load.address + load.offset;
  };
  const interpreter = segments.find((s) => s.type === 3);
  const dynamic = segments.find((s) => s.type === 2);
  const needed = [];
  let strings = 0;
  if (dynamic) {
    for (let p = dynamic.offset; p < dynamic.offset + dynamic.size; p += 16) {
      if (at(p) === 1) needed.push(at(p + 8));
      if (at(p) === 5) strings = fileOffset(at(p + 8));
    }
  }
  return {
    interpreter: interpreter && text(interpreter.offset),
    needed: needed.map((offset) => text(strings + offset)),
  };
}
