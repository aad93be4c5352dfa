import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { errorsWith } from '../../testkit/compile.ts';

const table = resolve(import.meta.dirname, 'table.schema.ts');
const entry = 'chooseCode: call(nothing, z.null()),';
const oneMore = (text: string): string =>
  text.replace(entry, `${entry}\n      ping: call(nothing, z.null()),`);

test.each([
  ['main', 'src/main/ipc/kiosk-handlers.ts', 'node'],
  ['the page', 'src/renderer/src/kiosk/context.ts', 'renderer'],
])('a call that is added to the table does not compile in %s until it is handled', (_, file, project) => {
  expect(errorsWith(table, oneMore, file, project)).toEqual([expect.stringContaining('"visit.ping"')]);
});
