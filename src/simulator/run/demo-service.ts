import { DemoPages, officeOf } from './demo-pages.ts';
import {
  type VisitSummary,
  assertStep,
  chargeOf,
  heading,
  moveGoods,
  openDoor,
  receipt,
  say,
  summarise,
  takeScreenshot,
  withCabinet,
} from './demo-steps.ts';
import type { AppHarness } from '../../testkit/app/app-harness.ts';
import type { ConsoleClient } from '../../testkit/app/console-client.ts';
import { StaffDriver } from '../../testkit/app/staff-driver.ts';
import { until } from '../../testkit/until.ts';

/**
 * The person with the key: comes in by gesture and PIN, restocks by a plan and is told what differs, has a charge settled that
 * waits for a human, and opens a cabinet again that was too warm. Goods, door and thermometer are simulated.
 */
const cabinetId = 'A-0217';
const [staffNo, pin] = ['7001', '580213'];
const reason = 'the demo';
/** What was decided is known at the cabinet within this, once it is asked for. */
const toldMaxMs = 30_000;
/** So long a thief has the door open. */
const theftMs = 6_000;
const [coldMilliC, warmMilliC, maxMilliC] = [4_000, 14_000, 8_000];

interface Work {
  readonly harness: AppHarness;
  readonly staff: StaffDriver;
  readonly office: ConsoleClient;
  readonly pages: DemoPages | null;
}

export function playService(): Promise<VisitSummary[]> {
  heading('Service: the person with the key');
  const options = {
    cabinetId,
    simulator: { devices: { thermometer: 'thermometer-modbus' } },
    settings: { cooling: { maxMilliC, forMinutes: 1 } },
  } as const;
  return withCabinet(options, async (harness) => {
    await harness.launch();
    const pages = await DemoPages.open(harness);
    try {
      const office = await officeOf(harness, pages);
      const work: Work = { harness, staff: new StaffDriver(harness.screen), office, pages };
      await wayIn(work);
      await restock(work);
      harness.cabinet.warm(warmMilliC);
      const warmMs = performance.now();
      say(
        `the (simulated) thermometer says ${warmMilliC / 1000} °C from now on; the limit is ${maxMilliC / 1000}`,
      );
      const row = await heldCharge(work);
      await tooWarm(work, warmMs);
      return [row];
    } finally {
      await pages?.close();
    }
  });
}

async function wayIn({ harness, staff, office }: Work): Promise<void> {
  heading('The way in: five corners, then number and PIN');
  const hired = { name: '李工', role: 'administrator', cabinets: null, reason, version: null } as const;
  await office.call('setCabinetStaff', hired, { staffNo });
  await until('the cabinet knows its staff', async () => {
    await staff.knock();
    return (await harness.screen.pinViewIfAny?.getByTestId('pad-value').isVisible()) ?? false;
  });
  await takeScreenshot(harness, 'service-pad');
  await harness.screen.tap('action-close');
  await harness.screen.waitScreen('attract');
  await staff.firstSignIn(office, { cabinetId, staffNo, pin, reason });
  await harness.screen.tap('action-leave');
  await harness.screen.waitScreen('attract');
  say('the first time by a one-time code of the operator, then with a PIN of their own');
  await staff.signIn(staffNo, pin);
  await staff.waitShown('overview');
  await takeScreenshot(harness, 'service-overview');
  await harness.screen.tap('key-room-goods');
  await harness.screen.tap('action-accept-stock');
  await harness.screen.find('last-act');
  say('accepts what lies there as right: from now on the book of goods follows each visit');
  await leave(harness);
}

async function leave(harness: AppHarness): Promise<void> {
  await harness.screen.tap('action-leave');
  await harness.screen.waitScreen('attract');
}

/** By the operator's plan; a piece is gone that nobody has bought, and the screen names it. */
async function restock({ harness, staff, office }: Work): Promise<void> {
  heading('A guided restock by the operator’s plan; a piece is gone that nobody has bought');
  const { screen, cabinet } = harness;
  const table = ['sku,target,lane,slot', 'cola-can,3,,', 'spring-water,3,,', 'milk-box,3,,'].join('\n');
  const stock = await office.call('stock', undefined, { cabinetId });
  const asked = { table, reason, version: stock.ok ? stock.value.planVersion : '' };
  const put = await office.call('putPlan', asked, { cabinetId });
  assertStep(put.ok && put.value.version !== null, `the plan is taken: ${JSON.stringify(put)}`);
  await cabinet.post('door', { action: 'force' });
  await screen.waitScreen('out_of_service');
  await takeScreenshot(harness, 'door-forced');
  await cabinet.take('cola-can');
  await new Promise((resolve) => setTimeout(resolve, theftMs));
  await cabinet.shut();
  await screen.waitScreen('attract');
  say('somebody forces the door and takes a can; the screen says that it does not sell while it is open');
  await until('the cabinet has the plan', () => harness.logged('planogram.changed') > 0);
  await staff.signIn(staffNo, pin);
  await staff.waitShown('overview');
  await screen.tap('key-room-goods');
  // Once what lies inside is counted: whoever opens sooner has it compared with nothing.
  await screen.find('action-accept-stock');
  await takeScreenshot(harness, 'restock-before');
  await screen.tap('key-goods-restock');
  await screen.tap('action-begin-restock');
  await cabinet.pull();
  const next = screen.window.getByTestId('action-next-restock');
  const step = screen.window.locator('li[aria-current=step]');
  const stands = async (name: string): Promise<boolean> => {
    const text = await step.textContent().catch(() => null);
    return (text?.includes(name) ?? false) && (name === '4/4' || (await next.isEnabled()));
  };
  for (const name of ['1/4', '2/4', '3/4']) {
    await until(`step ${name}`, () => stands(name));
    await takeScreenshot(harness, `restock-${name.slice(0, 1)}`);
    if (name !== '3/4') await screen.tap('action-next-restock');
  }
  await cabinet.shut();
  say('step by step: what is past its day, the plan, fill, and the door is shut');
  await until('what lies inside is counted', async () => {
    await screen.tap('action-next-restock');
    return stands('4/4');
  });
  await until('it may be accepted', () => next.isEnabled());
  await screen.window.getByText('2 / 3 (−1)').waitFor();
  await takeScreenshot(harness, 'restock-count');
  await screen.tap('action-next-restock');
  await screen.find('action-begin-restock');
  await screen.tap('key-goods-differences');
  await screen.window.getByText('−1', { exact: true }).waitFor();
  await takeScreenshot(harness, 'restock-differences');
  say(
    'counted: one can less than the plan wants, and one less than the book knows, with who had the door; accepted',
  );
  await leave(harness);
  assertStep((await harness.operator.charges()).length === 0, 'nobody was billed');
}

/** Nobody can say what else was taken: a human decides. Staff at the cabinet sees it, and asks for it. */
async function heldCharge({ harness, staff, pages }: Work): Promise<VisitSummary> {
  heading('A charge that needs a human, settled while staff stands at the cabinet');
  const { screen, cabinet } = harness;
  await openDoor(harness);
  const ms = [await moveGoods(harness, 'take', 'milk-box', '4.50')];
  await cabinet.post('devices/tag-reader', { connected: false });
  const closedMs = Date.now();
  await cabinet.shut();
  await receipt(harness, 'review');
  await cabinet.post('devices/tag-reader', { connected: true });
  await screen.tap('action-finish');
  say('the tag reader is lost with the door open: the charge is held for a human');
  const { chargeId } = await chargeOf(harness, 0, 'needs_attention');
  await screen.waitScreen('attract');
  await staff.signIn(staffNo, pin);
  await staff.waitShown('overview');
  await screen.tap('key-room-charges');
  await screen.find(`action-ask-${chargeId}`);
  await takeScreenshot(harness, 'charge-waits');
  await screen.tap(`action-ask-${chargeId}`);
  await screen.tap('action-ask-goods_wrong');
  await screen.find('last-act');
  await takeScreenshot(harness, 'charge-asked');
  say('the administrator finds it among the charges, and asks the operator to look at it');
  if (pages !== null) {
    await pages.story(chargeId, 'An administrator at the cabinet asks that it be looked at', 'charge-asked');
    await pages.act('Debit', async (dialog) => {
      await dialog.getByLabel('Amount', { exact: true }).fill('4.50');
      await dialog.getByLabel('Reason').fill('counted at the cabinet: one milk is gone');
    });
  } else {
    const decision = { by: 'demo', decision: 'debit', amountMinor: 450 } as const;
    await harness.operator.call('resolveCharge', decision, { chargeId });
  }
  const charge = await chargeOf(harness, 0, 'paid');
  assertStep(charge.totalMinor === 450, 'the milk, and nothing else');
  await screen.tap('action-send-charges');
  const asks = screen.window.getByTestId(`action-ask-${chargeId}`);
  await until(
    'it is settled on the screen',
    async () => ((await asks.count()) === 0 ? true : null),
    toldMaxMs,
  );
  await staff.waitShown('charges');
  await takeScreenshot(harness, 'charge-settled');
  say('support debits what was counted, once; it is gone from the list at the cabinet');
  await leave(harness);
  return summarise('held, decided', 'milk', 'review', charge, ms, closedMs);
}

/** Too warm for too long: nothing is sold, cold again or not, until somebody has looked at the goods. */
async function tooWarm({ harness, staff }: Work, warmMs: number): Promise<void> {
  heading('Too warm for too long: the cabinet locks itself, and a person clears it');
  const { screen, cabinet } = harness;
  await screen.waitScreen('out_of_service');
  await screen.window.locator('[data-testid=screen-out_of_service][data-reason=too_warm]').waitFor();
  await takeScreenshot(harness, 'too-warm');
  const seconds = Math.round((performance.now() - warmMs) / 1000);
  say(`${seconds} s later nothing is sold, and the screen says why`);
  await staff.signIn(staffNo, pin);
  await staff.waitShown('overview');
  await screen.find('cooling-spoilt');
  assertStep(!(await screen.window.getByTestId('action-accept-cooling').isEnabled()), 'not while it is warm');
  await takeScreenshot(harness, 'too-warm-still');
  cabinet.warm(coldMilliC);
  await until('it may be cleared', () => screen.window.getByTestId('action-accept-cooling').isEnabled());
  await takeScreenshot(harness, 'cold-again');
  say('not to be cleared while it is warm; cold again: a person may');
  await screen.tap('action-accept-cooling');
  await staff.type(pin);
  await until('it is cleared', async () =>
    (await screen.window.getByTestId('cooling-spoilt').count()) === 0 ? true : null,
  );
  await takeScreenshot(harness, 'cooling-cleared');
  await leave(harness);
  say('cleared, with the PIN that is typed for it, and on record: it sells again');
}
