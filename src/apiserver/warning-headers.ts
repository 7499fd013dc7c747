/** Warnings as headers: each text once, and no more of them than clients take. Source: apiserver `filters/warning.go`. */

/** Characters of all warnings together. Above it every one of them is cut, and what still does not fit is left out. */
const most = 4096;
const mostOfOne = 256;

/** RFC 7234: code 299, no agent, quoted text. Its UTF-8 goes out byte by byte, as Go writes it. */
const header = (text: string): string => `299 - "${Buffer.from(text.replace(/[\\"]/g, '\\$&')).toString('latin1')}"`;

/** What a header cannot say is not said. */
const sayable = (text: string): boolean => text !== '' && !/\p{Cc}/u.test(text);

export function warningHeaders(warnings: readonly string[]): string[] {
  const texts = [...new Set(warnings)].filter(sayable);
  let written = 0;
  for (const { length } of texts) written += length;
  if (written <= most) return texts.map(header);
  const shown: string[] = [];
  written = 0;
  for (const text of texts) {
    if (written >= most) break;
    const cut = text.slice(0, mostOfOne);
    written += cut.length;
    shown.push(header(cut));
  }
  return shown;
}
