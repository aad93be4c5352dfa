import { CameraCabinet } from './camera-cabinet.ts';
import { DemoPages, officeOf } from './demo-pages.ts';
import {
  type VisitSummary,
  assertStep,
  chargeOf,
  heading,
  receipt,
  say,
  sayCharge,
  takeScreenshot,
  withCabinet,
} from './demo-steps.ts';
import { StaffDriver } from '../../testkit/app/staff-driver.ts';
import { until } from '../../testkit/until.ts';

/**
 * What recognition has to get right, on a cabinet with tags, scales and a camera inside. Each scene says what it plays, and what
 * stands on the screen and at the operator in the end is checked.
 */
const [original, tomato, bar, crackers] = [
  'potato-chips-original',
  'potato-chips-tomato',
  'chocolate-bar',
  'whole-wheat-crackers',
] as const;
const cabinetId = 'A-0217';
const quickHandMs = 500;
/** Days on both sides of the date line: whatever the hour, the first is the day before the second. */
const [dayBefore, dayAfter] = ['Etc/GMT+11', 'Etc/GMT-14'] as const;

export function playGoods(): Promise<VisitSummary[]> {
  heading(
    'Goods: known by tags, scales and a camera inside (its film is composed of pictures of the catalogue)',
  );
  const options = {
    cabinetId,
    cameraFile: 'y4m',
    simulator: { devices: { scale: 'scale-modbus' } },
  } as const;
  return withCabinet(options, async (harness) => {
    harness.environment['TZ'] = dayBefore;
    const cabinet = await CameraCabinet.start(harness);
    const pages = await DemoPages.open(harness);
    try {
      const rows = [await doubt(cabinet), await disputed(cabinet, pages), await quickHand(cabinet)];
      await wrongShelf(cabinet);
      await foreignItem(cabinet);
      rows.push(await pastItsDay(cabinet, pages));
      return rows;
    } finally {
      await pages?.close();
    }
  });
}

/** Tags are lost, two articles weigh the same: only the shopper knows. */
async function doubt(cabinet: CameraCabinet): Promise<VisitSummary> {
  heading(
    'A doubt: the tag reader is lost, and two kinds of chips weigh the same; the shopper is asked once',
  );
  const { harness } = cabinet;
  await cabinet.enter();
  await harness.cabinet.post('devices/tag-reader', { connected: false });
  await cabinet.take(tomato);
  await harness.screen.find(`basket-line-${original}`);
  say('takes tomato chips: the scale knows that one bag has left, and the list can name but one of the two');
  await takeScreenshot(harness, 'doubt-leaving');
  const closedMs = await cabinet.shut();
  await harness.screen.find(`action-answer-${original}`);
  await takeScreenshot(harness, 'doubt-question');
  await harness.screen.tap(`action-answer-${tomato}`);
  say('the door is shut: "which one did you take?", with both pictures and prices; touches the tomato chips');
  await harness.cabinet.post('devices/tag-reader', { connected: true });
  await receipt(harness, 'paid');
  await takeScreenshot(harness, 'doubt-receipt');
  const charge = await chargeOf(harness, 0, 'paid');
  assertStep(
    sayCharge(charge) === `1 ${tomato}; held: none; 6.90`,
    `billed as answered: ${sayCharge(charge)}`,
  );
  say('billed what was touched, and nothing else');
  await harness.screen.tap('action-finish');
  return cabinet.summary('a doubt, answered', charge, 'paid', closedMs);
}

/** The shopper says that the bill is wrong: what the shelf was seen to do goes to the operator, with its pictures. */
async function disputed(cabinet: CameraCabinet, pages: DemoPages | null): Promise<VisitSummary> {
  heading('A dispute: what the shelf was seen to do, with pictures from before and after, is in the console');
  const { harness } = cabinet;
  await cabinet.enter();
  await cabinet.take(crackers);
  await harness.screen.find(`basket-line-${crackers}`);
  const closedMs = await cabinet.shut();
  await receipt(harness, 'paid');
  const charge = await chargeOf(harness, 1, 'paid');
  await harness.screen.tap('action-dispute');
  await harness.screen.tap(`dispute-line-${crackers}`);
  await takeScreenshot(harness, 'dispute-marked');
  await harness.screen.tap('action-dispute-send');
  await harness.screen.find('receipt-disputed');
  await takeScreenshot(harness, 'dispute-sent');
  say('reports the crackers on the receipt');
  await until('the report is at the operator', async () =>
    (await harness.operator.disputes()).some(({ chargeId }) => chargeId === charge.chargeId),
  );
  await pages?.story(charge.chargeId, 'The shelf after the door was shut', 'dispute-pictures');
  say(
    'the console has the report, what tags, scales and door said, and both pictures of the shelf (composed)',
  );
  await harness.screen.tap('action-finish');
  return cabinet.summary('disputed', charge, 'paid', closedMs);
}

/** Taken and shut within a second: the final reading is longer, or people look; never nothing. */
async function quickHand(cabinet: CameraCabinet): Promise<VisitSummary> {
  heading('A quick hand: taken and shut within a second');
  const { harness } = cabinet;
  await cabinet.enter();
  const openedMs = performance.now();
  await harness.cabinet.take(bar);
  await new Promise((resolve) => setTimeout(resolve, quickHandMs));
  await harness.cabinet.shut();
  const [closedMs, tookMs] = [Date.now(), Math.round(performance.now() - openedMs)];
  await cabinet.look();
  say(`takes a chocolate bar and shuts the door ${tookMs} ms later`);
  await harness.screen.waitScreen('receipt');
  await harness.screen.tap('receipt-status');
  const charge = await chargeOf(harness, 2, null);
  await takeScreenshot(harness, 'quick-hand-receipt');
  const shown = await until('the receipt says how it stands', () =>
    harness.screen.window.getByTestId('receipt-status').getAttribute('data-status'),
  );
  assertStep(
    [`1 ${bar}; held: none; 7.50`, `none; held: 1 ${bar}; 0.00`].includes(sayCharge(charge)),
    `billed, or held for a person: ${sayCharge(charge)}`,
  );
  say(charge.lines.length > 0 ? 'billed all the same' : 'not on the list in time: held, and a person looks');
  await harness.screen.tap('action-finish');
  return cabinet.summary('quick hand', charge, shown, closedMs);
}

/** Put back where it does not belong: nobody is billed for it. */
async function wrongShelf(cabinet: CameraCabinet): Promise<void> {
  heading('Put back on the wrong shelf');
  const { harness } = cabinet;
  const before = (await harness.operator.charges()).length;
  await cabinet.enter();
  await cabinet.take(original);
  await harness.screen.find(`basket-line-${original}`);
  await takeScreenshot(harness, 'wrong-shelf-taken');
  await harness.cabinet.putBack(original, 4);
  await cabinet.look();
  await until('the list is empty', async () =>
    (await harness.screen.window.getByTestId(`basket-line-${original}`).count()) === 0 ? true : null,
  );
  await takeScreenshot(harness, 'wrong-shelf-back');
  say('takes chips and puts them back a shelf lower: they are off the list');
  await cabinet.shut();
  await harness.screen.waitScreen('nothing_charged');
  await takeScreenshot(harness, 'wrong-shelf-nothing');
  await harness.screen.tap('action-finish');
  await harness.screen.waitScreen('attract');
  assertStep((await harness.operator.charges()).length === before, 'no charge');
  say('nothing is charged');
}

/** Something of one's own is put down inside, and taken out again: no charge, and the cabinet goes on selling. */
async function foreignItem(cabinet: CameraCabinet): Promise<void> {
  heading('Something of one’s own, put in and taken out again');
  const { harness } = cabinet;
  const before = (await harness.operator.charges()).length;
  await cabinet.enter();
  await harness.cabinet.putForeign(4);
  await cabinet.look();
  await harness.screen.find('basket-foreign');
  await takeScreenshot(harness, 'foreign-in');
  say(
    'puts a tagged thing of their own on a shelf: the screen says that it is not from here, and asks to take it',
  );
  await harness.cabinet.takeForeign();
  await cabinet.look();
  await until('it is off the list', async () =>
    (await harness.screen.window.getByTestId('basket-foreign').count()) === 0 ? true : null,
  );
  await takeScreenshot(harness, 'foreign-out');
  await cabinet.shut();
  await harness.screen.waitScreen('nothing_charged');
  await harness.screen.tap('action-finish');
  await harness.screen.waitScreen('attract');
  assertStep((await harness.operator.charges()).length === before, 'no charge');
  say('takes it out again: nothing is charged, and the cabinet invites the next one');
}

/** Good until the day that it was filled in; the cabinet's day is the next one by then. */
async function pastItsDay(cabinet: CameraCabinet, pages: DemoPages | null): Promise<VisitSummary> {
  heading('Past its day: the screen says so, and it is held');
  const { harness } = cabinet;
  const office = await officeOf(harness, pages);
  const reason = 'the demo';
  const hired = { name: '王补货', role: 'restocker', cabinets: null, reason, version: null } as const;
  await office.call('setCabinetStaff', hired, { staffNo: '4410' });
  await until('the cabinet knows its staff', () => harness.logged('staff_list.changed') > 0);
  const staff = new StaffDriver(harness.screen);
  await staff.firstSignIn(office, { cabinetId, staffNo: '4410', pin: '580213', reason });
  await harness.screen.tap('key-room-goods');
  await harness.screen.tap('action-accept-stock');
  await harness.screen.find('last-act');
  await harness.screen.tap('key-goods-dates');
  await harness.screen.tap('action-add-lot');
  await harness.screen.tap('key-product-cola-can');
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: dayBefore }).format(Date.now());
  await staff.type(today.replaceAll('-', ''));
  await staff.type('2');
  await harness.screen.find(`action-remove-cola-can-${today}`);
  await takeScreenshot(harness, 'lot-entered');
  await harness.screen.tap('action-leave');
  await harness.screen.waitScreen('attract');
  say(`a restocker enters two colas, good until ${today}, which is today at this cabinet`);
  await harness.quit();
  harness.environment['TZ'] = dayAfter;
  await harness.launch();
  say('its day is set on (its time zone is another one): they are past their day');
  await cabinet.enter();
  await cabinet.take('cola-can');
  await harness.screen.find('line-expired-cola-can');
  await takeScreenshot(harness, 'expired-taken');
  const closedMs = await cabinet.shut();
  await receipt(harness, 'review');
  await takeScreenshot(harness, 'expired-receipt');
  const charge = await chargeOf(harness, 3, 'needs_attention');
  assertStep(
    sayCharge(charge) === 'none; held: 1 cola-can; 0.00' &&
      charge.reviewReasons.includes('recognition.expired'),
    `held, because it is past its day: ${sayCharge(charge)}`,
  );
  await pages?.story(charge.chargeId, 'Goods were past their best-before day', 'expired');
  say('takes one: the screen says that it is past its day; it is held, and people look');
  await harness.screen.tap('action-finish');
  return cabinet.summary('past its day', charge, 'review', closedMs);
}
