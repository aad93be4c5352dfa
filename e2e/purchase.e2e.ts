import { expect, test } from '@playwright/test';
import { Stage, until } from '../src/simulator/run/stage.ts';

/** Journeys of a shopper in the real app: taps where a finger would, goods and devices simulated at byte level. */
test.describe.configure({ mode: 'serial' });

let stage: Stage;
let settled = 0;

test.beforeAll(async () => {
  stage = await Stage.open();
  await stage.launch();
});
test.afterAll(async () => {
  await stage.close();
});

async function open(): Promise<void> {
  await stage.waitScreen('attract');
  await stage.present();
  await stage.waitScreen('unlocking');
  await stage.pull();
  await stage.waitScreen('shopping');
}
async function total(text: string): Promise<void> {
  await expect(stage.window.getByTestId('basket-total')).toContainText(text);
}
async function receiptStatus(status: string): Promise<void> {
  await stage.waitScreen('receipt');
  await expect(stage.window.getByTestId('receipt-status')).toHaveAttribute('data-status', status);
}
/** The only charge beyond those seen before, paid and debited once. */
async function paidCharge(): Promise<number> {
  const charges = await until('charge paid', 8000, async () => {
    const all = await stage.charges();
    return all.length === settled + 1 && all.every((c) => c.state === 'paid') ? all : null;
  });
  settled++;
  expect(charges.every((c) => c.debitCount === 1)).toBe(true);
  return charges.at(-1)?.totalMinor ?? -1;
}

test('buys by the button and the code: the basket follows, the receipt says paid', async () => {
  await stage.enterByCode();
  await stage.take('cola-can');
  await stage.take('spring-water');
  await total('5.50');
  await stage.putBack('spring-water');
  await total('3.50');
  await stage.tap('action-confirm');
  await stage.shut();
  await receiptStatus('paid');
  expect(await paidCharge()).toBe(350);
  await stage.tap('action-finish');
  await stage.waitScreen('attract');
});

test('takes the confirmation back when something more is taken', async () => {
  await open();
  await stage.take('milk-box');
  await total('4.50');
  await stage.tap('action-confirm');
  await expect(stage.window.getByTestId('action-confirm')).toHaveCount(0);
  await stage.take('milk-box');
  await total('9.00');
  await expect(stage.window.getByTestId('action-confirm')).toBeVisible();
  await stage.shut();
  await receiptStatus('paid');
  expect(await paidCharge()).toBe(900);
  await stage.tap('action-finish');
});

test('charges nothing when all was put back, and nothing for goods that are put in', async () => {
  await open();
  await stage.take('rice-ball');
  await total('9.20');
  await stage.putBack('rice-ball');
  await stage.cabinet('goods', { action: 'put_foreign' });
  await total('0.00');
  await stage.shut();
  await stage.waitScreen('nothing_charged');
  expect((await stage.charges()).length).toBe(settled);
  await stage.tap('action-finish');
});

test('holds a line that the shopper says is wrong', async () => {
  await open();
  await stage.take('chocolate-bar');
  await stage.take('orange-juice');
  await total('16.30');
  await stage.tap('line-report-chocolate-bar');
  await stage.tap('action-confirm');
  await stage.shut();
  await stage.waitScreen('receipt');
  await until('orange juice only is debited', 8000, async () => {
    const charge = (await stage.charges()).at(settled);
    return charge?.debitCount === 1 && charge.totalMinor === 880 ? charge : null;
  });
  settled++;
  await stage.tap('action-finish');
});

test('locks again and charges nothing when the door is never pulled', async () => {
  await stage.waitScreen('attract');
  await stage.present('M1002');
  await stage.waitScreen('unlocking');
  await stage.waitScreen('nothing_charged', 25_000);
  expect((await stage.charges()).length).toBe(settled);
  await expect(stage.cabinet('door', { action: 'pull' })).rejects.toThrow('409');
  await stage.tap('action-finish');
});

test('speaks English at a tap, and Chinese again to the next shopper', async () => {
  await stage.waitScreen('attract');
  await stage.tap('action-language');
  await expect(stage.window.getByTestId('action-choose-code')).toContainText('Use code');
  await stage.tap('action-choose-code');
  await stage.waitScreen('identifying');
  await stage.tap('action-cancel');
  await stage.waitScreen('attract');
  await expect(stage.window.getByTestId('action-choose-code')).toContainText('扫码开门');
});

test('says in plain words why a code does not open the door', async () => {
  const refusals: [string, () => Promise<unknown>][] = [
    ['account.code_expired', () => stage.cabinet('present', { memberId: 'M1001', code: 'expired' })],
    ['account.suspended', () => stage.present('M1003')],
    ['account.unpaid_charges', () => stage.present('M1004')],
    [
      'account.code_malformed',
      () => stage.cabinet('scan', { text: 'https://example.com/not-a-member-code' }),
    ],
    ['account.code_malformed', () => stage.cabinet('scan', { text: `KM1.${'A'.repeat(3000)}` })],
    [
      'account.code_malformed',
      () => stage.cabinet('scan', { text: '\u0000\u0007<script>alert(1)</script>' }),
    ],
  ];
  for (const [reason, act] of refusals) {
    await stage.waitScreen('attract');
    await act();
    await stage.waitScreen('refused');
    await expect(stage.window.getByTestId('screen-refused')).toHaveAttribute('data-reason', reason);
    await stage.tap('action-cancel');
  }
  await stage.waitScreen('attract');
  await stage.present();
  await stage.waitScreen('unlocking');
  await stage.pull();
  await stage.shut();
  await stage.waitScreen('nothing_charged');
  await stage.tap('action-finish');
  await stage.cabinet('present', { memberId: 'M1001', code: 'replayed' });
  await stage.waitScreen('refused');
  await expect(stage.window.getByTestId('screen-refused')).toHaveAttribute(
    'data-reason',
    'account.code_replayed',
  );
  expect((await stage.charges()).length).toBe(settled);
  await stage.tap('action-cancel');
});

test('raises an alarm and bills nobody when the door is forced, and sells again once it is shut', async () => {
  await stage.waitScreen('attract');
  await stage.cabinet('door', { action: 'force' });
  await stage.waitScreen('out_of_service');
  await stage.take('yoghurt-cup');
  await stage.shut();
  await stage.waitScreen('attract');
  const alarms = await until('alarm at the operator', 5000, async () => {
    const all = await stage.alarms();
    return all.length > 0 ? all : null;
  });
  expect(alarms[0]?.kind).toBe('door_open_without_visit');
  expect((await stage.charges()).length).toBe(settled);
});

test('keeps the visit when the device process dies in the middle of it, also as a native library takes it down', async () => {
  await open();
  await stage.take('iced-coffee');
  await total('9.90');
  for (const signal of ['SIGKILL', 'SIGSEGV', 'SIGABRT'] as const) {
    const before = await stage.deviceHostPid();
    const beforeSeq = stage.trace(0).at(-1)?.seq ?? 0;
    process.kill(before, signal);
    await until(`another device host after ${signal}`, 3000, async () =>
      (await stage.deviceHostPid()) === before ? null : true,
    );
    const aliveSeq = stage.trace(0).at(-1)?.seq ?? 0;
    await until('the lock is asked again', 3000, () =>
      Promise.resolve(lockFrames(aliveSeq).some((hex) => hex.startsWith('80')) ? true : null),
    );
    // Nobody is let in by a restart.
    expect(lockFrames(beforeSeq).filter((hex) => hex.startsWith('8A'))).toEqual([]);
  }
  await stage.take('whole-wheat-crackers');
  await total('17.70');
  await stage.shut();
  await receiptStatus('paid');
  expect(await paidCharge()).toBe(1770);
  await stage.tap('action-finish');
});

/** What the kiosk has said to the lock board after event `since`. */
function lockFrames(since: number): string[] {
  const sent = stage.trace(since).filter((e) => e.device === 'lock' && e.direction === 'to_device');
  return sent.map((e) => e.hex);
}

test('reports a line on the receipt: the operator has it once, and the charge stays one', async () => {
  await open();
  await stage.take('cola-can');
  await stage.take('spring-water');
  await total('5.50');
  await stage.shut();
  await receiptStatus('paid');
  expect(await paidCharge()).toBe(550);
  await stage.tap('action-dispute');
  await expect(stage.window.getByTestId('action-dispute-send')).toBeDisabled();
  await stage.tap('dispute-line-cola-can');
  await stage.tap('action-dispute-send');
  await expect(stage.window.getByTestId('receipt-disputed')).toBeVisible();
  await expect(stage.window.getByTestId('action-dispute')).toHaveCount(0);
  const chargeId = (await stage.charges()).at(-1)?.chargeId;
  await until('the dispute is at the operator', 8000, async () => {
    const all = await stage.disputes();
    return all.length > 0 ? all : null;
  });
  await stage.tap('action-finish');
  await stage.waitScreen('attract');
  expect(await stage.disputes()).toMatchObject([{ chargeId, skus: ['cola-can'] }]);
  expect((await stage.charges()).at(-1)).toMatchObject({ review: true, debitCount: 1, disputedMinor: 350 });
});

test('buys by scanning the cabinet’s own code with the phone; a photograph of it lets nobody in', async () => {
  await stage.waitScreen('attract');
  await stage.tap('action-choose-code');
  await stage.waitScreen('identifying');
  await expect(stage.window.getByTestId('cabinet-code').getByRole('img')).toBeVisible();
  await stage.scanScreen('M1002');
  await stage.waitScreen('unlocking');
  await stage.pull();
  await stage.waitScreen('shopping');
  await stage.take('cola-can');
  await total('3.50');
  await stage.tap('action-confirm');
  await stage.shut();
  await receiptStatus('paid');
  expect(await paidCharge()).toBe(350);
  await stage.tap('action-finish');
  await stage.waitScreen('attract');
  await stage.tap('action-choose-code');
  await stage.waitScreen('identifying');
  await expect(stage.scanScreen('M1001', 'replayed')).rejects.toThrow(/used/);
  // Taken by the operator at the most, the old code is of no turn that the cabinet asks for.
  await stage.scanScreen('M1002', 'replayed');
  await stage.window.waitForTimeout(1_500);
  await expect(stage.window.getByTestId('screen-identifying')).toBeVisible();
  await stage.tap('action-cancel');
  await stage.waitScreen('attract');
});

test('offline the cabinet’s own code is not shown as if it worked, and is back with the network', async () => {
  await stage.tap('action-choose-code');
  await expect(stage.window.getByTestId('cabinet-code')).toBeVisible();
  await stage.network('cut');
  await expect(stage.window.getByTestId('cabinet-code-away')).toBeVisible();
  await stage.network('up');
  await expect(stage.window.getByTestId('cabinet-code')).toBeVisible();
  await stage.scanScreen();
  await stage.waitScreen('unlocking');
  await stage.waitScreen('nothing_charged');
  await stage.waitScreen('attract');
});

// The last one: the test tool gives a page up once it has crashed, so from there on main is asked what is on it.
test('keeps the visit when the page dies in the middle of it', async () => {
  await open();
  await stage.take('jasmine-tea');
  await total('5.00');
  await stage.app?.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer();
  });
  await onScreen('basket-total', '5.00');
  await stage.shut();
  await onScreen('screen-receipt', '5.00');
  expect(await paidCharge()).toBe(500);
});

async function onScreen(testId: string, text: string): Promise<void> {
  await until(`${testId} says ${text}`, 15_000, async () => {
    const shown = await stage.app?.evaluate(({ BrowserWindow }, selector) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      const script = `document.querySelector('${selector}')?.textContent ?? ''`;
      // A page that is just dying never answers.
      const patience = new Promise<string>((resolve) => setTimeout(() => resolve(''), 500));
      return Promise.race([contents?.executeJavaScript(script) as Promise<string>, patience]);
    }, `[data-testid="${testId}"]`);
    return shown?.includes(text) === true ? true : null;
  });
}
