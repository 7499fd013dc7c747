/** An address as in a mail header: `a@b.c` or `Name <a@b.c>`. Source: Go `net/mail.ParseAddress`. */

const atom = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~\\u0080-\\uffff]+";
const dotAtom = `${atom}(?:\\.${atom})*`;
const quoted = '"(?:[^"\\\\\\0-\\x08\\x0a-\\x1f\\x7f]|\\\\[\\x20-\\x7e])*"';
const literal = '\\[[\\x21-\\x5a\\x5e-\\x7e]*\\]';

const specification = new RegExp(`^(?:${dotAtom}|${quoted})@(?:${dotAtom}|${literal})$`);
const word = new RegExp(`^(?:${dotAtom}|${quoted})`);

/** Whether a display name is made of words: atoms and quoted texts. */
function isPhrase(text: string): boolean {
  let rest = text.trim();
  while (rest !== '') {
    const found = word.exec(rest)?.[0];
    if (found === undefined) return false;
    rest = rest.slice(found.length).trimStart();
  }
  return true;
}

/** Whether the text is one mail address. */
export function isEmail(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed.length > 1000) return false;
  if (!trimmed.endsWith('>')) return specification.test(trimmed);
  const open = trimmed.lastIndexOf('<');
  return open >= 0 && isPhrase(trimmed.slice(0, open)) && specification.test(trimmed.slice(open + 1, -1));
}
