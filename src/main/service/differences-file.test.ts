import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import * as nodeFiles from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { catalogSchema } from '../../shared/model/catalog.schema.ts';
import { fail, ok } from '../../shared/result.ts';
import { ServiceRig } from '../../testkit/main/service/service-rig.ts';
import { makeScratchFolder } from '../../testkit/scratch-folder.ts';
import { until } from '../../testkit/until.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { deviceOf, writeToStick } from '../support/usb-stick.ts';

/** Where counts have differed, as a table onto whatever stick is plugged in. */
let rig: ServiceRig;
let dir: string;
let remove: () => void;
/** What the calls of the stick's files are, other than those of Node. */
let files: Partial<typeof nodeFiles> = {};
beforeEach(async () => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  dir = join(scratch.path, 'stick');
  mkdirSync(dir);
  files = {};
  rig = await new ServiceRig().withList();
  // Names come from whoever draws up the catalogue.
  rig.catalog = catalogSchema.parse({
    ...{ version: 'v1', currency: 'CNY', tags: [] },
    products: [
      {
        sku: 'cola',
        name: { zh: '=HYPERLINK("http://x")', en: 'a, "b"' },
        priceMinor: 350,
        weightG: 1,
        picture: 'x',
      },
    ],
  });
  rig.stick = {
    find: () => Promise.resolve(ok({ path: dir, device: deviceOf(statSync(dir).dev) })),
    write: (stick, name, bytes, { clock }) =>
      writeToStick(stick, name, bytes, { clock, files: { ...nodeFiles, ...files } }),
  };
  rig.ledger.before('visit-1');
  rig.stock = new Map([['cola', 1]]);
  rig.ledger.before('visit-2');
  await rig.signIn();
});
afterEach(() => {
  rig.remove();
  remove();
});

async function save(): Promise<ServiceRig['view']['last']> {
  rig.service.goods(rig.sessionId, { act: 'saveDifferences' });
  await until('it is done', () => !rig.view.isBusy);
  return rig.view.last;
}

test('a table with who had the door, and nothing in it is a formula; on record by its name', async () => {
  const last = await save();
  expect(last).toMatchObject({
    outcome: 'done',
    detail: expect.stringMatching(/^kaimen-K-.*-differences\.csv$/) as string,
  });
  expect(readdirSync(dir)).toEqual([last?.detail]);
  const [head, row, ...more] = readFileSync(join(dir, last?.detail ?? ''), 'utf8').split('\r\n');
  expect(head).toMatch(/^\uFEFFcabinet,found_at,/);
  expect(row).toContain('cola,"\'=HYPERLINK(""http://x"")","a, ""b""",2,1,-1,1,visit-1');
  expect(more).toEqual(['']);
  expect(unwrap(rig.log.latest(1))[0]).toMatchObject({
    act: 'saveDifferences',
    data: { state: 'done', differences: 1, detail: last?.detail },
  });
});

test.each([
  ['full', 'ENOSPC', 'stick_full'],
  ['pulled', 'EIO', 'stick_pulled'],
  ['read-only', 'EROFS', 'stick_read_only'],
])('a stick that is %s has no part of it, and the screen says why', async (_, code, said) => {
  files = { rename: () => Promise.reject(Object.assign(new Error(code), { code })) };
  expect(await save()).toMatchObject({ outcome: 'failed', detail: said });
  expect(readdirSync(dir)).toEqual([]);
});

test('without a stick nothing is written anywhere', async () => {
  rig.stick = { ...rig.stick, find: () => Promise.resolve(fail('no_stick', 'none')) };
  expect(await save()).toMatchObject({ outcome: 'failed', detail: 'no_stick' });
  expect(existsSync(dir) && readdirSync(dir)).toEqual([]);
});
