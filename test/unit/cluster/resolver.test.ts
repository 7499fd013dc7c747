import { expect, test } from 'vitest';
import { hostResolver, parseResolver } from '../../../src/cluster/resolver.ts';

test('servers and search domains are read, comments and options are not', () => {
  const text = '# made by hand\nsearch corp.example lan\nnameserver 10.0.0.2\nnameserver fd00::1\noptions edns0\n';
  expect(parseResolver(text)).toEqual({ nameservers: ['10.0.0.2', 'fd00::1'], searches: ['corp.example', 'lan'] });
});

test("a loopback stub is passed over for systemd-resolved's own list", () => {
  const files: Record<string, string> = {
    '/etc/resolv.conf': 'nameserver 127.0.0.53\nsearch .\n',
    '/run/systemd/resolve/resolv.conf': 'nameserver 192.0.2.1\n',
  };
  expect(hostResolver('10.96.0.10', (path) => files[path])).toEqual({ nameservers: ['192.0.2.1'], searches: [] });
});

test("a machine with nothing but loopback servers lends its pods the cluster's DNS", () => {
  expect(hostResolver('10.96.0.10', () => 'nameserver 127.0.0.1\nsearch home\n')).toEqual({
    nameservers: ['10.96.0.10'],
    searches: ['home'],
  });
});
