import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { describeEndpoint, engineEndpoints, type Surroundings } from '../../../src/engine/endpoint.ts';

const at = (over: Partial<Surroundings> & { files?: Record<string, string> } = {}): Surroundings => ({
  env: {},
  home: '/home/ann',
  platform: 'linux',
  read: (path) => over.files?.[path],
  ...over,
});
const shown = (surroundings: Surroundings) => engineEndpoints(surroundings).map(describeEndpoint);

test('DOCKER_HOST alone decides', () => {
  expect(shown(at({ env: { DOCKER_HOST: 'unix:///tmp/d.sock', DOCKER_CONTEXT: 'other' } }))).toEqual([
    'unix:///tmp/d.sock',
  ]);
  expect(shown(at({ env: { DOCKER_HOST: 'tcp://10.0.0.7:2375' } }))).toEqual(['tcp://10.0.0.7:2375']);
  expect(shown(at({ env: { DOCKER_HOST: '10.0.0.7:4000' } }))).toEqual(['tcp://10.0.0.7:4000']);
});

test('DOCKER_TLS_VERIFY reads the certificates and changes the usual port', () => {
  const files = { '/certs/ca.pem': 'CA', '/certs/cert.pem': 'CERT', '/certs/key.pem': 'KEY' };
  const env = { DOCKER_HOST: 'tcp://engine', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' };
  expect(engineEndpoints(at({ env, files }))).toEqual([
    {
      type: 'tcp',
      host: 'engine',
      port: 2376,
      tls: { ca: 'CA', cert: 'CERT', key: 'KEY' },
      from: 'DOCKER_HOST',
    },
  ]);
});

test('an ssh engine is refused with what to do instead', () => {
  expect(() => engineEndpoints(at({ env: { DOCKER_HOST: 'ssh://me@box' } }))).toThrow(/ssh -L/);
});

test('the current context of the Docker configuration is followed', () => {
  const id = createHash('sha256').update('colima').digest('hex');
  const files = {
    '/home/ann/.docker/config.json': '{"currentContext":"colima"}',
    [`/home/ann/.docker/contexts/meta/${id}/meta.json`]: '{"Endpoints":{"docker":{"Host":"unix:///c.sock"}}}',
  };
  expect(shown(at({ files }))).toEqual(['unix:///c.sock']);
  expect(() => engineEndpoints(at({ files, env: { DOCKER_CONTEXT: 'gone' } }))).toThrow(/context "gone"/);
});

test('without any wish the usual sockets are tried in order, and a broken configuration is no obstacle', () => {
  const files = { '/home/ann/.docker/config.json': '{' };
  expect(shown(at({ files, env: { XDG_RUNTIME_DIR: '/run/user/7' } })).slice(0, 3)).toEqual([
    'unix:///var/run/docker.sock',
    'unix:///run/user/7/docker.sock',
    'unix:///run/user/7/podman/podman.sock',
  ]);
});
