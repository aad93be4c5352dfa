import { expect, test } from 'vitest';
import { settingsSchema } from './settings-schema.ts';
import { parseSettings } from './settings-store.ts';

test.each([
  'http://operator.example',
  'http://192.168.1.20:8080',
  'http://10.0.0.1',
  'http://127.0.0.1.example',
  'http://127.example',
  'http://[::2]:1',
  'http://0.0.0.0:80',
  'http://localhost.example',
  'nothing like it',
  'HTTP://OPERATOR.EXAMPLE',
])('%s is refused with the reason: anybody on the way could open the door', (operatorUrl) => {
  expect(parseSettings({ operatorUrl })).toMatchObject({
    ok: false,
    error: { code: 'settings.invalid', message: expect.stringContaining('https is required') as string },
  });
});

test.each([
  'https://operator.example',
  'http://127.0.0.1:8080',
  'http://127.9.9.9',
  'http://[::1]:8080',
  'http://localhost:1',
])('%s is taken', (operatorUrl) => {
  expect(settingsSchema.parse({ operatorUrl }).operatorUrl).toBe(operatorUrl);
});
