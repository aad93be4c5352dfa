import type { VisitContext, VisitStateName } from '../../core/visit/visit-model.ts';
import { initialContext } from '../../core/visit/visit-context.ts';
import type { Visit } from '../../core/visit/visit.ts';
import { makeChargeId, makeVisitId } from '../../shared/ids.ts';
import { zeroMinor } from '../../shared/money.ts';

const random = new Uint8Array(10).fill(9);

/** A visit in this state with all that any state may know; `over` is what the test is about. */
export function visitAt(state: VisitStateName, over: Partial<VisitContext> = {}): Visit {
  const context: VisitContext = {
    ...initialContext,
    visitId: makeVisitId(1, random),
    chargeId: makeChargeId(1, random),
    code: 'KM1.x',
    member: { memberId: 'M-1', display: '王*' },
    baseline: { catalogVersion: 'v1', currency: 'CNY', products: [], lines: [] },
    bill: { lines: [], heldLines: [], totalMinor: zeroMinor, review: [] },
    refusedReason: 'network.timeout',
    nothingChargedReason: 'nothing_taken',
    ...over,
  };
  return { state, context };
}
