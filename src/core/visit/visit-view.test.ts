import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialAvailability } from '../availability/availability.ts';
import {
  ready,
  scan,
  allowed,
  recognised,
  account,
  closed,
  evidence,
  finalReading,
  play,
  confirmNow,
  toShopping,
} from '../../testkit/core/visit-script.ts';
import { minor } from '../../shared/money.ts';
import type { VisitEvent } from './visit-model.ts';
import { type ViewFacts, viewOf } from './visit-view.ts';
import type { Visit } from './visit.ts';

const facts: ViewFacts = {
  timerElapsedMs: 0,
  readerTrouble: false,
  availability: initialAvailability,
  nameOf: () => null,
  cabinetCode: () => ({ state: 'none' }),
  hasOpenBill: () => notHere('out of service'),
  receipt: () => notHere('receipt'),
  face: () => notHere('face'),
  account: () => notHere('account'),
};

describe('the screen after a start', () => {
  it('speaks of a purchase only with a visit in hand', () => {
    expect(viewOf(play([]).visit, facts)).toEqual({ screen: 'recovering', hasVisit: false });
    const killed = play([{ type: 'resumed' }], play(toShopping).visit).visit;
    expect(viewOf(killed, facts)).toEqual({ screen: 'recovering', hasVisit: true });
  });
});

describe('what a visit may cost', () => {
  const limitAt = (maxMinor: number | undefined) => {
    const told = maxMinor === undefined ? allowed : { ...allowed, maxMinor: minor(maxMinor) };
    const events = toShopping.map((event) => (event === allowed ? told : event));
    // Two of 3.50 each.
    const { visit } = play([evidence(['A001', 'A002'])], play(events).visit);
    const view = viewOf(visit, facts);
    return view.screen === 'shopping' ? view.limit : view.screen;
  };
  it('is said from 80 % of it on, and once it is passed', () => {
    expect([876, 875, 700, 699].map(limitAt)).toEqual([
      null,
      { level: 'near', maxMinor: 875 },
      { level: 'near', maxMinor: 700 },
      { level: 'over', maxMinor: 699 },
    ]);
  });
  it('is not spoken of where the operator has not told', () => {
    expect(limitAt(undefined)).toBeNull();
  });
});

describe('the screens on which somebody is identified', () => {
  const screenOf = (events: readonly VisitEvent[]) =>
    viewOf(play([ready, ...events]).visit, {
      ...facts,
      face: () => ({ phase: 'notice' }),
      account: () => ({ phase: 'withdrawn' }),
    });
  it('say what for, and how', () => {
    expect(screenOf([{ type: 'chooseFace' }])).toMatchObject({ screen: 'face', purpose: 'visit' });
    expect(screenOf([account('face')])).toMatchObject({ screen: 'face', purpose: 'account' });
    expect(screenOf([account('face'), recognised])).toMatchObject({
      ...{ screen: 'account', by: 'face', member: '' },
    });
    expect(screenOf([account('code'), scan, allowed])).toMatchObject({
      ...{ screen: 'account', by: 'code', member: '王*' },
    });
    const refusal: VisitEvent = { type: 'refused', reason: 'network.unreachable' };
    expect(screenOf([account('code'), scan, refusal])).toMatchObject({
      ...{ screen: 'refused', purpose: 'account' },
    });
    expect(screenOf([scan, refusal])).toMatchObject({ screen: 'refused', purpose: 'visit' });
  });
});

describe('the screen while the shelf is checked', () => {
  const screenOf = (visit: Visit) => {
    const view = viewOf(visit, facts);
    if (view.screen !== 'checking') throw new Error(`on screen: ${view.screen}`);
    return view;
  };
  /** Two colas and the chips confirmed, door shut, then this. */
  const checked = (...events: VisitEvent[]) => {
    const took = play([...toShopping, evidence(['A001', 'A002', 'B001'])]).visit;
    const { visit } = play([confirmNow(took), closed, ...events], took);
    const view = screenOf(visit);
    const short = (lines: readonly { sku: string; count: number }[]) =>
      lines.map((l) => `${l.sku} ${l.count}`);
    const { basket, heldLines, backLines } = view;
    return {
      ...{ confirmed: view.confirmed, totalMinor: basket.totalMinor, itemCount: basket.itemCount },
      ...{ lines: short(basket.lines), held: short(heldLines), back: short(backLines) },
    };
  };

  it('is the confirmed list while nothing differs', () => {
    expect(checked()).toMatchObject({
      ...{ confirmed: true, lines: ['COLA 2', 'CHIP 1'], held: [], back: [], totalMinor: 1480, itemCount: 3 },
    });
  });
  it('names what is still there, and bills it not', () => {
    expect(checked(evidence(['A001', 'B001']))).toMatchObject({
      ...{ confirmed: true, lines: ['COLA 1', 'CHIP 1'], held: [], back: ['COLA 1'], totalMinor: 1130 },
    });
    expect(checked(evidence([]))).toMatchObject({ lines: [], back: ['COLA 2', 'CHIP 1'], totalMinor: 0 });
  });
  it('names what went beyond the confirmed list, and bills it not', () => {
    const took = play([...toShopping, evidence(['A001'])]).visit;
    const { visit } = play([confirmNow(took), closed, evidence(['A001', 'B001'])], took);
    expect(screenOf(visit)).toMatchObject({
      basket: { totalMinor: 350, lines: [{ sku: 'COLA', picture: 'cola-can' }] },
      heldLines: [{ sku: 'CHIP', picture: 'chips' }],
    });
  });
  it('says what the bill then says, whatever was seen, confirmed and reported', () => {
    const tags = fc.subarray(['A001', 'A002', 'B001', 'CCCC']);
    fc.assert(
      fc.property(tags, tags, fc.boolean(), fc.boolean(), (shown, seen, confirms, reports) => {
        const report: VisitEvent[] = reports ? [{ type: 'report', sku: 'COLA', wrong: true }] : [];
        const took = play([...toShopping, evidence(shown), ...report]).visit;
        const { visit } = play([...(confirms ? [confirmNow(took)] : []), closed, evidence(seen)], took);
        const view = screenOf(visit);
        const { bill } = play([finalReading(seen)], visit).visit.context;
        if (bill === null) throw new Error('not being checked');
        const plain = ({ sku, count, amountMinor }: { sku: string; count: number; amountMinor: number }) => ({
          sku,
          count,
          amountMinor,
        });
        expect(view.basket.lines.map(plain)).toEqual(bill.lines.map(plain));
        expect(view.heldLines.map(plain)).toEqual(bill.heldLines.map(plain));
        expect(view.basket.totalMinor).toBe(bill.totalMinor);
      }),
    );
  });
});

function notHere(what: string): never {
  throw new Error(`no ${what} on this screen`);
}
