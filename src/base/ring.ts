/**
 * A link of a ring: a doubly linked list whose head is a link too. For what is added and taken out all the time, where a
 * Set would not do: what a Set outgrew leads on to what took its place, and V8 keeps whatever leads from old to young, so
 * that everything that ever was in it would live until the next full collection.
 */
export interface Link<T> {
  previous: T;
  next: T;
}

/** Makes `head` a ring of its own. */
export function close<T extends Link<T>>(head: T): T {
  head.previous = head.next = head;
  return head;
}

/** Puts a link at the end of the ring. */
export function append<T extends Link<T>>(head: T, link: T): void {
  const last = head.previous;
  link.previous = last;
  link.next = head;
  last.next = link;
  head.previous = link;
}

/** Takes a link out. It leads nowhere then: old links that led to young ones would keep them. */
export function unlink<T extends Link<T>>(link: T): void {
  link.previous.next = link.next;
  link.next.previous = link.previous;
  close(link);
}
