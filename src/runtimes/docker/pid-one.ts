/**
 * First processes of krill's own containers. A first process gets no default signal handling from the kernel and
 * inherits every orphan, so one that others share must wait for children; one that is alone need only stay.
 */
/** Puts itself into a network namespace of its own before it becomes the process it is given. */
export const inOwnNetwork = (command: readonly string[]) => ['/bin/unshare', '-n', ...command];
export const reaper = ['/bin/sh', '-c', 'trap "exit 0" TERM INT; while :; do sleep 2147483647 & wait; done'];
export const sleeper = ['/bin/sleep', '2147483647'];
