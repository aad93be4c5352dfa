import { expect, it } from 'vitest';
import { type ConsoleAct, consoleActSchema } from '../../../../shared/console/acts.schema.ts';
import { thingOf } from './thing-of.ts';

const chargeId = `KM${'0'.repeat(26)}`;
const visit = { cabinetId: 'CAB-1', visitId: `V${'0'.repeat(26)}` };
const visitPlace = `/visits?cabinetId=CAB-1&visitId=${visit.visitId}&open=CAB-1%3A${visit.visitId}`;
const wallet = { memberId: 'M1', currency: 'CNY' };
const message = { kind: 'message_member', memberId: 'M1', template: 'sorry', text: '' };
/** Each act as it comes, what stands there then, and where that is looked at. */
const cases: readonly (readonly [act: object, state: object, to: string | null])[] = [
  [{ kind: 'decide_charge', chargeId, decision: 'waive', amountMinor: 0 }, {}, `/charges/${chargeId}`],
  [{ kind: 'charge_visit', ...visit, goods: [{ sku: 'A', count: 1 }] }, { chargeId }, `/charges/${chargeId}`],
  [{ kind: 'charge_visit', ...visit, goods: [{ sku: 'A', count: 1 }] }, {}, visitPlace],
  [{ kind: 'close_incident', incidentId: 1 }, { chargeId }, `/charges/${chargeId}`],
  [{ kind: 'close_incident', incidentId: 1 }, { chargeId: null }, null],
  [
    { kind: 'close_difference', differenceId: 1, state: 'closed' },
    { orderId: chargeId },
    `/charges/${chargeId}`,
  ],
  // A stranger's number in a bill is no place.
  [{ kind: 'close_difference', differenceId: 1, state: 'closed' }, { orderId: '../staff' }, null],
  [message, {}, '/search?memberId=M1'],
  [{ ...message, chargeId }, {}, `/charges/${chargeId}`],
  [{ ...message, visit }, {}, visitPlace],
  [{ kind: 'block_member', memberId: 'M1' }, {}, '/search?memberId=M1'],
  [{ kind: 'unblock_member', memberId: 'M1' }, {}, '/search?memberId=M1'],
  [{ kind: 'open_wallet', ...wallet }, {}, '/search?memberId=M1'],
  [{ kind: 'top_up_wallet', ...wallet, amountMinor: 1, reference: 'r' }, {}, '/search?memberId=M1'],
  [{ kind: 'adjust_wallet', ...wallet, amountMinor: -1, reference: 'r' }, {}, '/search?memberId=M1'],
  [{ kind: 'put_goods', number: 1 }, {}, '/set-up'],
  [{ kind: 'put_promotions', promotions: [] }, {}, '/promotions'],
  [{ kind: 'pause_updates', isPaused: true }, {}, '/updates'],
];

it('every act leads to what it was about', () => {
  for (const [act, state, to] of cases) {
    const read: ConsoleAct = consoleActSchema.parse(act);
    expect(thingOf(read, { ...state })?.to ?? null, JSON.stringify(act)).toBe(to);
  }
});
