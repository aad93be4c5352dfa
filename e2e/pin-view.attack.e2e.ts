import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { AppHarness } from '../src/testkit/app/app-harness.ts';
import { ConsoleClient } from '../src/testkit/app/console-client.ts';
import { StaffDriver } from '../src/testkit/app/staff-driver.ts';
import { until } from '../src/testkit/until.ts';
import { lookInMain } from './fixtures/look-in-main.ts';
import { type PageAnswer, sendAsPageOf } from './fixtures/send-as-page.ts';

/**
 * The attacker owns the page: runs any script in it and sends any message from its process. What staff types must stay out of
 * reach, and no pad may be opened, moved, covered or put away by the page.
 */
test.describe.configure({ mode: 'serial' });

const cabinetId = 'A-0217';
const staffNo = '7001';
const pin = '580213';
const reason = 'begins on Monday';
let harness: AppHarness;
let staff: StaffDriver;
const sendAsPage = (path: string, payload: unknown): Promise<PageAnswer> =>
  sendAsPageOf(harness, path, payload);
const log = (): string => readFileSync(join(harness.kioskDir, 'kaimen.log'), 'utf8');

/** Everything that main sends to the page is kept there, and every event of fingers and keys that it sees. */
async function listen(): Promise<void> {
  await harness.screen.window.evaluate(() => {
    const heard: string[] = [];
    Object.assign(globalThis, { heard });
    const { kiosk } = globalThis as unknown as {
      kiosk: { on(name: string, listener: (payload: unknown) => void): void };
    };
    for (const name of ['snapshot', 'display', 'service'])
      kiosk.on(name, (payload) => void heard.push(`${name} ${JSON.stringify(payload)}`));
    for (const name of ['pointerdown', 'pointermove', 'touchstart', 'click', 'keydown'])
      addEventListener(name, ({ type }) => void heard.push(type), { capture: true });
  });
}
const heard = (): Promise<string[]> => harness.screen.window.evaluate('globalThis.heard');

/** How the views lie in the window, the topmost last, and which document has the focus. */
const views = (): Promise<{ names: string[]; isWhole: boolean; focused: string }> =>
  lookInMain(harness, ({ BrowserWindow, WebContentsView, webContents }) => {
    const window = BrowserWindow.getAllWindows()[0];
    const [width = 0, height = 0] = window?.getContentSize() ?? [];
    const nameOf = (url: string): string => url.split('/').at(-1) ?? '';
    const children = (window?.contentView.children ?? []).filter((child) => child instanceof WebContentsView);
    const top = children.at(-1)?.getBounds();
    return {
      names: children.map((child) => nameOf(child.webContents.getURL())),
      isWhole: top?.x === 0 && top.y === 0 && top.width === width && top.height === height,
      focused: nameOf(webContents.getFocusedWebContents()?.getURL() ?? ''),
    };
  });
const padGone = (): Promise<unknown> =>
  until('no PIN view is left', () => Promise.resolve(harness.screen.pinViewIfAny === null));

test.beforeAll(async () => {
  harness = await AppHarness.open({ cabinetId });
  const office = await ConsoleClient.open(harness.pages.console, harness.pages.consoleSetUp ?? '');
  const hired = { name: '李工', role: 'administrator', cabinets: null, reason, version: null } as const;
  await office.call('setCabinetStaff', hired, { staffNo });
  await harness.launch();
  staff = new StaffDriver(harness.screen);
  await until('the cabinet knows its staff', () => Promise.resolve(harness.logged('staff_list.changed') > 0));
  await listen();
  await staff.firstSignIn(office, { cabinetId, staffNo, pin, reason });
});
test.afterAll(async () => {
  await harness.close();
});

test('of a one-time code and a PIN the page hears nothing, not even that a key was touched', async () => {
  const told = await heard();
  const text = told.join('\n');
  expect(text).toContain('"screen":"covered"');
  // The corners of the gesture are the page's; then nothing more of fingers.
  expect(told.filter((line) => line === 'pointerdown').length).toBeLessThanOrEqual(5);
  expect(text).not.toContain(pin);
  expect(text).not.toMatch(/padId|needsCode|refusal|isChecking/);
  expect(log()).not.toContain(pin);
  expect(harness.screen.pinViewIfAny).toBeNull();
});

test('an act that wants the PIN: asked for in words of main’s own; in the session nothing else is begun', async () => {
  await harness.screen.tap('key-room-log');
  await harness.screen.tap('action-read-log');
  expect(await (await harness.screen.find('pad-lead')).innerText()).toBe('用来查看记录。');
  const view = await harness.screen.window.evaluate<{ value: { sessionId: string } }>(
    'window.kiosk.service.getView({})',
  );
  const { sessionId } = view.value;
  const order = { sessionId, order: { act: 'shutDown' } };
  for (const [path, payload] of [
    ['service.order', order],
    ['service.openDoor', { sessionId }],
    ['service.changePin', { sessionId }],
  ] as const)
    // The touch that asked for the pad is used up, and none of those on the pad is the page's.
    expect((await sendAsPage(path, payload)).error?.code).toBe('forbidden');
  expect(await (await harness.screen.find('pad-lead')).innerText()).toBe('用来查看记录。');
  await staff.type(pin);
  await padGone();
  await expect(harness.screen.window.getByText('signed_in').first()).toBeVisible();
  // Nor does the page open the door, or keep the session, while nobody touches it.
  await harness.screen.window.waitForTimeout(5_200);
  for (const path of ['service.openDoor', 'service.touch', 'service.acceptStock'])
    expect((await sendAsPage(path, { sessionId })).error?.code).toBe('forbidden');
  await harness.screen.tap('action-leave');
  await harness.screen.waitScreen('attract');
});

test('every call of the pad is refused to the page, and none of them is there', async () => {
  await staff.knock();
  await harness.screen.find('pad-value');
  const { padId } = await padNow();
  const answers: PageAnswer[] = [];
  for (const [path, payload] of [
    ['pin.getSnapshot', {}],
    ['pin.typed', { padId }],
    ['pin.close', { padId }],
    ['pin.signIn', { padId, staffNo, secret: pin }],
    ['pin.setPin', { padId, pin, again: pin }],
    ['pin.confirm', { padId, pin }],
    ['service.close', {}],
  ] as const)
    answers.push(await sendAsPage(path, payload));
  expect(answers.map(({ error }) => error?.code)).toEqual(answers.map(() => 'forbidden'));
  expect(log()).toContain('ipc.forbidden');
  const stubs = await harness.screen.window.evaluate(() => {
    const { kiosk } = globalThis as unknown as { kiosk: Record<string, object> };
    return [...Object.keys(kiosk), ...Object.keys(kiosk['service'] ?? {})];
  });
  for (const stub of ['pin', 'signIn', 'setPin', 'confirmPin']) expect(stubs).not.toContain(stub);
  expect((await padNow()).padId).toBe(padId);
});

test('the page lies below the pad whatever it does, and the focus stays with the pad', async () => {
  expect(await views()).toMatchObject({ isWhole: true, focused: 'pin.html' });
  expect((await views()).names.at(-1)).toBe('pin.html');
  await harness.screen.window.evaluate(() => {
    window.focus();
    const input = document.createElement('input');
    document.body.append(input);
    input.focus();
    // Denied, and never answered.
    void document.documentElement.requestFullscreen().catch(() => undefined);
    window.open('about:blank');
    alert('!');
    input.remove();
  });
  expect(await views()).toMatchObject({ isWhole: true, focused: 'pin.html' });
  expect((await views()).names.at(-1)).toBe('pin.html');
  await harness.app?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.focus());
  await expect.poll(async () => (await views()).focused).toBe('pin.html');
  // Nothing that the page has opened.
  const documents = harness.app?.windows().map((page) => page.url()) ?? [];
  expect(documents).toContain('app://kaimen/pin.html');
  expect(documents.filter((url) => !url.startsWith('app://kaimen/'))).toEqual([]);
});

test('it is sandboxed, in a session of its own that is only in memory', async () => {
  const seen = await lookInMain(harness, ({ webContents, session }) => {
    const one = webContents.getAllWebContents().find((any) => any.getURL().endsWith('/pin.html'));
    if (one === undefined) return null;
    const { sandbox, contextIsolation, nodeIntegration } = (
      one as unknown as { getLastWebPreferences(): Record<string, unknown> }
    ).getLastWebPreferences();
    const others = webContents.getAllWebContents().filter((any) => any !== one);
    const isShared = [session.defaultSession, ...others.map((any) => any.session)].includes(one.session);
    return { sandbox, contextIsolation, nodeIntegration, isShared, isKept: one.session.isPersistent() };
  });
  const safe = { sandbox: true, contextIsolation: true, nodeIntegration: false };
  expect(seen).toEqual({ ...safe, isShared: false, isKept: false });
});

test('a page that loads itself anew ends the pad; nobody is in, and it is said', async () => {
  await staff.type(staffNo);
  await harness.screen.window.reload();
  await padGone();
  await staff.waitShown('padLost');
  expect(log()).toContain('pin_view.lost');
  await harness.screen.tap('action-close');
  await harness.screen.waitScreen('attract');
  expect((await views()).focused).toBe('index.html');
});

test('without a touch that main has seen the page opens no pad', async () => {
  // Longer than a touch counts.
  await harness.screen.window.waitForTimeout(1_200);
  for (let i = 0; i < 3; i++) expect((await sendAsPage('service.knock', {})).error?.code).toBe('forbidden');
  expect(harness.screen.pinViewIfAny).toBeNull();
});

test('a pad whose process dies is closed and said to be; the next gesture opens a new one', async () => {
  await staff.knock();
  await staff.type(staffNo);
  await harness.app?.evaluate(({ webContents }) => {
    const one = webContents.getAllWebContents().find((any) => any.getURL().endsWith('/pin.html'));
    one?.forcefullyCrashRenderer();
  });
  await staff.waitShown('padLost');
  expect(harness.screen.pinViewIfAny).toBeNull();
  await staff.signIn(staffNo, pin);
  await staff.waitShown('overview');
  await padGone();
  await harness.screen.tap('action-leave');
  await harness.screen.waitScreen('attract');
});

/** What main asks for, as the PIN view has it drawn. */
async function padNow(): Promise<{ padId: number }> {
  const view = harness.screen.pinViewIfAny;
  if (view === null) throw new Error('nobody is asked for anything');
  const padId = Number(await view.locator('[data-pad-id]').getAttribute('data-pad-id'));
  return { padId };
}
