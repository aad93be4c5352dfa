import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { errorsWith } from '../../testkit/compile.ts';

const table = resolve(import.meta.dirname, 'routes.ts');
const developmentTable = resolve(import.meta.dirname, 'development-routes.ts');
const entry = 'export const apiRoutes = {';
const ping = `ping: {
  method: 'GET', path: '/v1/ping', auth: 'cabinet', params: withoutParams, request: null, reply: null,
  timeoutMs: 1, bodyMaxBytes: 0, summary: '',
},`;
const oneMore = (text: string): string => text.replace(entry, `${entry}\n  ${ping}`);

test.each([
  ['the cabinet', 'src/main/operator/operator-client.ts', 'node'],
  ['the operator', 'src/operator/http/handlers.ts', 'node'],
])('a call that is added to the table does not compile at %s until it is handled', (_, file, project) => {
  expect(errorsWith(table, oneMore, file, project)).toEqual([expect.stringContaining("'ping'")]);
});

test('nor does one of the development API at the operator', () => {
  const file = 'src/operator/http/development-api.ts';
  const more = (text: string): string =>
    text.replace(
      'export const developmentRoutes = {',
      "export const developmentRoutes = {\n  ping: get('/dev/ping', withoutParams, z.null()),",
    );
  expect(errorsWith(developmentTable, more, file, 'node').join('\n')).toContain("'ping'");
});
