import {
  type VisitSummary,
  assertStep,
  chargeOf,
  heading,
  moveGoods,
  receipt,
  say,
  sayCharge,
  summarise,
  takeScreenshot,
  withCabinet,
} from './demo-steps.ts';
import { secondColaAtHalf } from '../sample-promotions.ts';
import { until } from '../../testkit/until.ts';

/** A purchase over both doors of a cabinet, while the operator's second cola costs half: one visit, one bill, the discount on it. */
export function playDoors(): Promise<VisitSummary[]> {
  heading('Two doors and a promotion: left, then right, one bill');
  return withCabinet({ simulator: { doorCount: 2 } }, async (harness) => {
    await harness.launch();
    const { screen, cabinet, operator } = harness;
    await screen.waitScreen('attract');
    await operator.putPromotions([secondColaAtHalf]);
    await until('the start screen names the promotion', () =>
      screen.window.getByTestId('attract-promotions').isVisible(),
    );
    say('the operator has pushed a promotion: of each two colas the second costs half');
    await takeScreenshot(harness, 'doors-promotion');
    await cabinet.present();
    await screen.waitScreen('choosing_door');
    assertStep((await cabinet.state()).bolt === 'locked', 'no bolt has moved before a door is chosen');
    await takeScreenshot(harness, 'doors-which');
    await screen.tap('action-open-door-1');
    await cabinet.pull(1);
    await screen.waitScreen('shopping');
    const ms = [
      await moveGoods(harness, 'take', 'cola-can', '3.50'),
      await moveGoods(harness, 'take', 'cola-can', '5.25'),
    ];
    say('the second one costs half, on the screen as well');
    await screen.tap('action-open-door-2');
    await cabinet.pull(2);
    await doorIs(2, 'open');
    say('opens the right door in the same visit');
    ms.push(await moveGoods(harness, 'take', 'rice-ball', '14.45'));
    await takeScreenshot(harness, 'doors-both-open');
    await cabinet.shut(1);
    await doorIs(1, 'closed');
    await screen.tap('action-confirm');
    await screen.find('basket-confirmed');
    const closedMs = Date.now();
    await cabinet.shut(2);
    say('shuts the left door, confirms, shuts the right one: only now the visit ends');
    const shown = await receipt(harness, 'paid');
    await takeScreenshot(harness, 'doors-receipt');
    const charge = await chargeOf(harness, 0, 'paid');
    assertStep(charge.totalMinor === 1445, 'two colas, the second at half price, and a rice ball: 14.45');
    say(sayCharge(charge));
    return [summarise('Two doors, a promotion', '2 cola-can, 1 rice-ball', shown, charge, ms, closedMs)];

    async function doorIs(door: number, state: string): Promise<void> {
      await until(`door ${door} is ${state} on the screen`, async () => {
        const seen = await screen.window.getByTestId(`door-${door}`).getAttribute('data-state');
        return seen === state;
      });
    }
  });
}
