import { expect, test } from 'vitest';
import { guardPackaged } from './packaged-guard.ts';

const start = (env: Record<string, string | undefined>, ...switches: string[]) =>
  guardPackaged({ hasSwitch: (name) => switches.includes(name), env });

test.each([
  'remote-debugging-port',
  'remote-debugging-pipe',
  'inspect',
  'inspect-brk',
  'js-flags',
  'use-fake-ui-for-media-stream',
  'ignore-certificate-errors',
  'host-resolver-rules',
])('an installed app is not started with --%s', (name) => {
  expect(start({}, name)).toContain(`--${name}`);
});

test.each(['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'ELECTRON_RUN_AS_NODE'])('nor with %s', (name) => {
  expect(start({ [name]: 'x' })).toContain(name);
});

test('what can be taken away is, and what else is there stays', () => {
  const env = {
    ...{ KAIMEN_DATA_DIR: '/tmp/other', KAIMEN_RECORD_DIR: '/tmp/codes', NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    ...{ node_tls_reject_unauthorized: '0', SSLKEYLOGFILE: '/tmp/keys', HOME: '/home/kiosk', DISPLAY: ':0' },
  };
  expect(start(env, 'no-sandbox')).toBeNull();
  expect(env).toEqual({ HOME: '/home/kiosk', DISPLAY: ':0' });
});
