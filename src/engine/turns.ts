/**
 * Runs tasks one after the other.
 *
 * Docker up to 20.10 can lock itself up for good when two containers with network endpoints of their own end at the
 * same moment: one side holds its network's lock and wants the controller's, the other the reverse. Every request
 * after that hangs. So krill never lets two of them end at once; containers that share another's network are free to.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(task, task);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
