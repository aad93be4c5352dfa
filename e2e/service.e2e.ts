import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import type { Corner } from '../src/shared/model/corner-knock.ts';
import { AppHarness } from '../src/testkit/app/app-harness.ts';
import { ConsoleClient } from '../src/testkit/app/console-client.ts';
import { lookInMain } from './fixtures/look-in-main.ts';
import { StaffDriver } from '../src/testkit/app/staff-driver.ts';

/** Somebody of the staff at the real app: from the operator's console to a restock, with fingers. */
let harness: AppHarness;
let office: ConsoleClient;
let staff: StaffDriver;
const cabinetId = 'A-0217';
const reason = 'he begins on Monday';
test.beforeAll(async () => {
  harness = await AppHarness.open({ cabinetId });
  office = await ConsoleClient.open(harness.pages.console, harness.pages.consoleSetUp ?? '');
  const hired = { role: 'restocker', cabinets: null, reason, version: null } as const;
  await office.call('setCabinetStaff', { ...hired, name: '王补货' }, { staffNo: '4410' });
  await office.call(
    'setCabinetStaff',
    { ...hired, name: '李工', role: 'administrator' },
    { staffNo: '7001' },
  );
  await harness.launch();
  staff = new StaffDriver(harness.screen);
});
test.afterAll(async () => {
  await harness.close();
});

const log = (): string => readFileSync(join(harness.kioskDir, 'kaimen.log'), 'utf8');
const service = () => harness.screen.window.getByTestId('screen-service');

test('a code read out on the telephone, a PIN of one’s own, the door, and nobody is billed', async () => {
  await harness.screen.waitScreen('attract');
  await expect.poll(() => log().includes('staff_list.changed'), { timeout: 60_000 }).toBe(true);
  await staff.firstSignIn(office, { cabinetId, staffNo: '7001', pin: '580213', reason });
  await harness.screen.tap('key-room-door');
  await harness.screen.tap('action-open-door');
  await expect(harness.screen.window.getByTestId('red-frame')).toBeVisible();
  await expect(() => harness.cabinet.post('door', { action: 'pull' })).toPass();
  await expect(harness.screen.window.getByTestId('why-not-leave')).toBeVisible();
  await expect(harness.screen.window.getByTestId('action-leave')).toBeDisabled();
  await harness.cabinet.post('door', { action: 'close' });
  await harness.screen.tap('key-room-goods');
  // Once the bolt has caught, and what lies inside has been counted.
  await expect(harness.screen.window.getByTestId('action-accept-stock')).toBeEnabled();
  await harness.screen.tap('action-accept-stock');
  await expect(harness.screen.window.getByTestId('last-act')).toBeVisible();
  await harness.screen.tap('action-leave');
  await harness.screen.waitScreen('attract');
  expect(await harness.operator.charges()).toEqual([]);
});

test('a technician’s tests: the door by hand, the network; a fault stays until its test has passed', async () => {
  await staff.signIn('7001', '580213');
  await expect(service()).toHaveAttribute('data-reason', 'overview');
  await harness.screen.tap('key-room-tests');
  const { window } = harness.screen;
  const step = window.getByTestId('test-step');
  await harness.screen.tap('action-begin-sound');
  await harness.screen.tap('action-answer-no');
  await expect(window.getByTestId('result-sound')).toHaveAttribute('data-findings', 'not_heard');
  await harness.screen.tap('action-begin-door');
  await harness.screen.tap('action-answer-yes');
  await expect(step).toHaveAttribute('data-step', 'pull');
  await expect(() => harness.cabinet.post('door', { action: 'pull' })).toPass();
  await expect(step).toHaveAttribute('data-step', 'shut');
  await harness.cabinet.post('door', { action: 'close' });
  await expect(step).toHaveAttribute('data-step', 'holds', { timeout: 20_000 });
  await harness.screen.tap('action-answer-yes');
  await expect(window.getByTestId('result-door')).toHaveAttribute('data-findings', '');
  await harness.screen.tap('action-begin-network');
  await expect(window.getByTestId('result-network')).toHaveAttribute('data-findings', '');
  await expect(window.getByTestId('result-network')).toContainText('毫秒');
  await expect(window.getByTestId('result-sound')).toHaveAttribute('data-findings', 'not_heard');
  await harness.screen.tap('action-leave');
  await harness.screen.waitScreen('attract');
});

test('a touch on a button is a touch: who goes from page to page is not signed out under their finger', async () => {
  await staff.signIn('7001', '580213');
  await expect(service()).toHaveAttribute('data-reason', 'overview');
  await harness.app?.evaluate(({ ipcMain }) => {
    type Handler = Parameters<typeof ipcMain.handle>[1];
    const handlers = (ipcMain as unknown as { _invokeHandlers: Map<string, Handler> })._invokeHandlers;
    const channel = 'kiosk:service.touch';
    const heard = { touches: 0 };
    const judge = handlers.get(channel);
    Object.assign(globalThis, { heard });
    ipcMain.removeHandler(channel);
    ipcMain.handle(channel, (event, payload: unknown) => {
      heard.touches++;
      return judge?.(event, payload) as unknown;
    });
  });
  await harness.screen.tap('key-room-devices');
  const heard = () =>
    lookInMain(harness, () => (globalThis as unknown as { heard: { touches: number } }).heard.touches);
  await expect.poll(heard).toBeGreaterThan(0);
  await harness.screen.tap('action-leave');
  await harness.screen.waitScreen('attract');
});

test('a guided restock: step by step from the open door to the accepted count', async () => {
  const shown = await office.call('stock', undefined, { cabinetId });
  const version = shown.ok ? shown.value.planVersion : '';
  const table = 'cola-can,4,,1-1\nmilk-box,3,,1-2';
  expect(await office.call('putPlan', { table, reason, version }, { cabinetId })).toMatchObject({ ok: true });
  await expect.poll(() => log().includes('planogram.changed'), { timeout: 60_000 }).toBe(true);
  await staff.signIn('7001', '580213');
  await harness.screen.tap('key-room-goods');
  await harness.screen.tap('key-goods-restock');
  await harness.screen.tap('action-begin-restock');
  await expect(() => harness.cabinet.post('door', { action: 'pull' })).toPass();
  const { window } = harness.screen;
  const next = window.getByTestId('action-next-restock');
  const step = window.locator('li[aria-current=step]');
  await expect(step).toContainText('1/4');
  await harness.screen.tap('action-next-restock');
  await expect(step).toContainText('2/4');
  await harness.screen.tap('action-next-restock');
  await expect(step).toContainText('3/4');
  await harness.cabinet.post('door', { action: 'close' });
  // Once what lies inside has been counted; until then it says so.
  await expect(async () => {
    await harness.screen.tap('action-next-restock');
    await expect(step).toContainText('4/4', { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  await expect(next).toBeEnabled({ timeout: 30_000 });
  await harness.screen.tap('action-next-restock');
  await expect(window.getByTestId('action-begin-restock')).toBeVisible();
  await harness.screen.tap('action-leave');
  await harness.screen.waitScreen('attract');
  expect(await harness.operator.charges()).toEqual([]);
});

test('goods that stand elsewhere: said, undone, in force with the count, told to the operator', async () => {
  await staff.signIn('7001', '580213');
  const { window } = harness.screen;
  await harness.screen.tap('key-room-goods');
  await harness.screen.tap('key-goods-places');
  for (const key of ['key-place-cola-can', 'key-slot-typed', 'key-text-2', 'key-text--', 'key-text-4'])
    await reach(key);
  await reach('action-setting-take');
  await expect(window.getByTestId('move-effect')).toContainText('2-4');
  await harness.screen.tap('action-move-product');
  await expect(window.getByTestId('moved-cola-can')).toBeVisible();
  await harness.screen.tap('action-undo-move');
  await expect(window.getByTestId('moved-cola-can')).toBeHidden();
  await harness.screen.tap('key-place-cola-can');
  await harness.screen.tap('key-slot-1-2');
  await harness.screen.tap('action-move-product');
  await expect(window.getByTestId('key-place-milk-box')).toContainText('1-1');
  await harness.screen.tap('key-goods-stock');
  await harness.screen.tap('action-accept-stock');
  await expect(window.getByTestId('last-act')).toBeVisible();
  await harness.screen.tap('action-leave');
  await harness.screen.waitScreen('attract');
  const moved = async () => {
    const answer = await office.call('stock', undefined, { cabinetId });
    return answer.ok ? answer.value.report?.moved : null;
  };
  await expect.poll(moved, { timeout: 30_000 }).toMatchObject([
    { sku: 'cola-can', planned: '1-1', slot: '1-2', by: '7001' },
    { sku: 'milk-box', planned: '1-2', slot: '1-1', by: '7001' },
  ]);
});

test('an administrator asks for help: what the cabinet says of itself arrives, and names nobody', async () => {
  await staff.signIn('7001', '580213');
  await expect(service()).toHaveAttribute('data-reason', 'overview');
  await harness.screen.tap('key-room-support');
  await harness.screen.tap('action-support-operator');
  await expect(harness.screen.window.getByTestId('last-act')).toContainText('完成');
  const listed = await office.call('supportBundles', undefined, { cabinetId });
  if (!listed.ok) throw new Error(JSON.stringify(listed.error));
  const name = listed.value[0]?.name ?? '';
  const taken = await office.call('takeSupportBundle', { reason }, { cabinetId, name });
  if (!taken.ok) throw new Error(JSON.stringify(taken.error));
  const text = gunzipSync(Buffer.from(taken.value.gzip, 'base64')).toString('utf8');
  expect(text).toContain('"part":"end"');
  expect(text).toContain('"event":"visit.state"');
  for (const secret of ['580213', '李工', '王补货', 'M1001']) expect(text).not.toContain(secret);
  await harness.screen.tap('action-leave');
  await harness.screen.waitScreen('attract');
});

/** As somebody who moves the list under their finger until it is there. */
async function reach(testId: string): Promise<void> {
  await harness.screen.window.getByTestId(testId).scrollIntoViewIfNeeded();
  await harness.screen.tap(testId);
}

test('settings: other hidden touches and a telephone number count at once, and are taken back', async () => {
  await staff.signIn('7001', '580213');
  const { window } = harness.screen;
  await harness.screen.tap('key-room-settings');
  await reach('action-change-knock');
  const order: readonly Corner[] = ['bottomLeft', 'topRight', 'topLeft', 'bottomRight', 'topRight'];
  for (const corner of order) await reach(`key-setting-${corner}`);
  await reach('action-setting-take');
  await reach('action-change-servicePhone');
  await reach('key-text-1');
  await reach('key-text-2');
  await expect(window.getByTestId('setting-value')).toHaveText(/12$/);
  await reach('action-setting-take');
  await reach('action-save-settings');
  await reach('action-save-settings-yes');
  await staff.type('580213');
  await expect(window.getByTestId('setting-servicePhone')).toHaveText(/12$/);
  await harness.screen.tap('action-leave');
  await harness.screen.waitScreen('attract');
  await staff.knock();
  await staff.knock(order);
  await harness.screen.find('pad-value');
  await staff.type('7001');
  await staff.type('580213');
  await harness.screen.tap('key-room-settings');
  await reach('action-undo-settings-0');
  await reach('action-undo-settings-0-yes');
  await staff.type('580213');
  await expect(window.getByTestId('setting-servicePhone')).not.toHaveText(/12$/);
  await harness.screen.tap('action-leave');
  await harness.screen.waitScreen('attract');
  await staff.knock();
  await harness.screen.find('pad-value');
  await harness.screen.tap('action-close');
});

test('settings from afar: what the console orders is on the screen within moments, and told back', async () => {
  const shown = async () => {
    const answer = await office.call('cabinetSettings', undefined, { cabinetId });
    return answer.ok ? answer.value : null;
  };
  await expect.poll(async () => (await shown())?.report?.version, { timeout: 30_000 }).toBe(2);
  const changes = { servicePhone: '400-700-0099' };
  const ordered = await office.call('orderSettings', { changes, seenVersion: 2, reason }, { cabinetId });
  expect(ordered).toMatchObject({ ok: true });
  await expect.poll(async () => (await shown())?.order?.state, { timeout: 30_000 }).toBe('done');
  const now = await shown();
  expect(now?.report?.values).toMatchObject(changes);
  expect(now?.report?.versions[0]?.why).toBe('operator');
  expect(log()).toContain('settings.followed');
});
