import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { AppHarness } from '../src/testkit/app/app-harness.ts';

/** What is on disk is damaged: out of service with a plain reason, and the file is left as it is. */
let harness: AppHarness;
let database: string;
test.beforeAll(async () => {
  harness = await AppHarness.open();
  database = join(harness.kioskDir, 'kaimen.db');
  await harness.launch();
  await harness.quit();
  copyFileSync(database, `${database}.good`);
});
test.afterAll(async () => {
  await harness.close();
});
test.afterEach(async () => {
  await harness.quit();
  rmSync(`${database}-wal`, { force: true });
  rmSync(`${database}-shm`, { force: true });
  copyFileSync(`${database}.good`, database);
});

async function startsOutOfService(reason: string): Promise<void> {
  const before = readFileSync(database);
  await harness.launch('1080x1920', 'out_of_service');
  await expect(harness.screen.window.getByTestId('screen-out_of_service')).toHaveAttribute(
    'data-reason',
    reason,
  );
  await expect(harness.screen.window.getByTestId('screen-out_of_service')).toContainText('400-000-0217');
  await expect(harness.cabinet.post('door', { action: 'pull' })).rejects.toThrow('409');
  expect(readFileSync(database).equals(before)).toBe(true);
}

test('truncated', async () => {
  truncateSync(database, 5000);
  await startsOutOfService('storage_failed');
});

test('garbage', async () => {
  writeFileSync(database, Buffer.alloc(40_000, 0x5a));
  await startsOutOfService('storage_failed');
});

test('keys of another cabinet', async () => {
  const secrets = join(harness.kioskDir, 'secrets.json');
  const good = readFileSync(secrets);
  rmSync(secrets);
  try {
    await startsOutOfService('storage_failed');
  } finally {
    writeFileSync(secrets, good, { mode: 0o600 });
  }
});

test('gone', async () => {
  rmSync(database);
  await harness.launch('1080x1920', 'out_of_service');
  await expect(harness.screen.window.getByTestId('screen-out_of_service')).toHaveAttribute(
    'data-reason',
    'storage_failed',
  );
  expect(existsSync(database)).toBe(false);
});

test('settings that are no JSON', async () => {
  const config = join(harness.kioskDir, 'config.json');
  const good = readFileSync(config);
  writeFileSync(config, '{ "cabinetId": ');
  try {
    await harness.launch('1080x1920', 'out_of_service');
    expect(readFileSync(config, 'utf8')).toBe('{ "cabinetId": ');
  } finally {
    writeFileSync(config, good);
  }
});

test('devices of a newer program: the sign names them, and a version that is tried says that at once', async () => {
  const config = join(harness.kioskDir, 'config.json');
  const lastGood = join(harness.kioskDir, 'config.last-good.json');
  const good = readFileSync(config, 'utf8');
  const root = join(harness.kioskDir, 'launcher');
  mkdirSync(root);
  try {
    const cabinet = { simulated: false, devices: [{ kind: 'robot', id: 'arm' }] };
    writeFileSync(config, JSON.stringify({ ...(JSON.parse(good) as object), cabinet }));
    // As the newer one has left it: it could read all.
    copyFileSync(config, lastGood);
    harness.switches = [`--kaimen-root=${root}`, '--kaimen-slot=b', '--kaimen-order=1'];
    await harness.launch('1080x1920', 'out_of_service');
    await expect(harness.screen.window.getByTestId('screen-out_of_service')).toHaveAttribute(
      'data-reason',
      'profile_unreadable',
    );
    expect(JSON.parse(readFileSync(join(root, 'health.json'), 'utf8'))).toMatchObject({
      ...{ order: '1', phase: 'unfit' },
      why: expect.stringMatching(/^profile: .*cabinet/s),
    });
  } finally {
    harness.switches = [];
    writeFileSync(config, good);
    writeFileSync(lastGood, good);
  }
});

test('a good one sells again', async () => {
  await harness.launch();
});
