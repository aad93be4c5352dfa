import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { AppHarness } from '../src/testkit/app/app-harness.ts';
import { ConsoleClient } from '../src/testkit/app/console-client.ts';
import { StaffDriver } from '../src/testkit/app/staff-driver.ts';

/** A technician sets the devices of the real app up with fingers: tried, seen to work, saved, and taken back. */
let harness: AppHarness;
let staff: StaffDriver;
/** Where the thermometer is, which the settings do not name yet. */
let address: string;
const cabinetId = 'A-0217';
const [staffNo, pin, reason] = ['5520', '580213', 'she begins on Monday'];

interface Config {
  readonly cabinet: {
    readonly simulated: boolean;
    readonly devices: {
      readonly kind: string;
      readonly transport: { readonly host: string; readonly port: number };
    }[];
  };
  readonly profiles?: { readonly version: number };
}
const config = (): Config =>
  JSON.parse(readFileSync(join(harness.kioskDir, 'config.json'), 'utf8')) as Config;
const kinds = (): string[] => config().cabinet.devices.map(({ kind }) => kind);
const log = (): string => readFileSync(join(harness.kioskDir, 'kaimen.log'), 'utf8');

test.beforeAll(async () => {
  harness = await AppHarness.open({
    cabinetId,
    simulator: { devices: { thermometer: 'thermometer-modbus' } },
  });
  const { cabinet } = config();
  const thermometer = cabinet.devices.find(({ kind }) => kind === 'thermometer');
  address = `${thermometer?.transport.host ?? ''}:${thermometer?.transport.port ?? 0}`;
  const devices = cabinet.devices.filter((one) => one !== thermometer);
  harness.changeSettings({ cabinet: { ...cabinet, devices } });
  const office = await ConsoleClient.open(harness.pages.console, harness.pages.consoleSetUp ?? '');
  const hired = { role: 'technician', cabinets: null, reason, version: null, name: '李工' } as const;
  await office.call('setCabinetStaff', hired, { staffNo });
  await harness.launch();
  staff = new StaffDriver(harness.screen);
  await expect.poll(() => log().includes('staff_list.changed'), { timeout: 60_000 }).toBe(true);
  await staff.firstSignIn(office, { cabinetId, staffNo, pin, reason });
});
test.afterAll(async () => {
  await harness.close();
});

/** As somebody who moves the list under their finger until it is there. */
async function reach(testId: string): Promise<void> {
  const it = harness.screen.window.getByTestId(testId);
  await expect(it).toBeEnabled();
  await it.scrollIntoViewIfNeeded();
  await harness.screen.tap(testId);
}

async function openSetUp(): Promise<void> {
  await harness.screen.tap('key-room-devices');
  await reach('action-set-up');
}

async function typeAddress(text: string): Promise<void> {
  const shown = harness.screen.window.getByTestId('setting-value');
  for (const [place, key] of text.split('').entries()) {
    await reach(`key-text-${key}`);
    await expect(shown).toHaveText(text.slice(0, place + 1));
  }
  await reach('action-setting-take');
}

/** What counts for long wants the PIN. */
async function confirm(name: string): Promise<void> {
  await reach(`action-${name}`);
  await reach(`action-${name}-yes`);
  await staff.type(pin);
}

test('a thermometer: its port is refused with words, it is seen to measure, saved, and taken back', async () => {
  const { window } = harness.screen;
  await openSetUp();
  // A port that another device has is refused, with words.
  await reach('action-add-device');
  await reach('key-kind-thermometer');
  await reach('key-place-address');
  const lock = config().cabinet.devices[0]?.transport;
  await typeAddress(`${lock?.host ?? ''}:${lock?.port ?? 0}`);
  await reach('action-try-device');
  await expect(window.getByTestId('last-act')).toContainText('lock-1, thermometer-1');

  await reach('action-add-device');
  await reach('key-kind-thermometer');
  await reach('key-place-address');
  await typeAddress(address);
  await reach('action-try-device');
  const row = window.getByTestId('setup-thermometer-1').locator('[data-proven]');
  await expect(row).toHaveAttribute('data-proven', 'true', { timeout: 30_000 });
  // What is only tried is nobody's yet: it cannot be left, and the file does not know it.
  await expect(window.getByTestId('action-leave')).toBeDisabled();
  expect(kinds()).not.toContain('thermometer');
  await confirm('save-profile');
  // What was shown before it begins anew takes no gesture.
  await expect.poll(() => harness.logged('app.in_service_at_last'), { timeout: 60_000 }).toBe(1);
  await harness.screen.waitScreen('attract');
  expect(kinds()).toContain('thermometer');
  expect(config().profiles?.version).toBe(1);

  await staff.signIn(staffNo, pin);
  await staff.waitShown('overview');
  await expect(window.getByTestId('screen-service')).toContainText('现在 4.0 度');
  await openSetUp();
  await confirm('undo-profile-0');
  await harness.screen.waitScreen('attract');
  expect(kinds()).not.toContain('thermometer');
  expect(config().profiles?.version).toBe(2);

  // What it began anew behind counts from one again: who comes now sees their own visit from its first moment.
  await expect.poll(() => harness.logged('app.in_service_at_last'), { timeout: 60_000 }).toBe(2);
  await harness.screen.waitScreen('attract');
  await expect(() => harness.cabinet.present('M1001')).toPass();
  await harness.screen.waitScreen('unlocking');
  await harness.cabinet.pull();
  await harness.screen.waitScreen('shopping');
  await harness.cabinet.post('door', { action: 'close' });
  await harness.screen.waitScreen('nothing_charged');
});
