/** The name that a list or watch of one object selects, "" for others: it is authorized for that name. Source: requestinfo.go. */
export function selectedName(verb: string, fieldSelector: string): string {
  if (fieldSelector === '' || (verb !== 'list' && verb !== 'watch')) return '';
  return /(?:^|,)metadata\.name==?([^,=!]+)(?:,|$)/.exec(fieldSelector)?.[1] ?? '';
}
