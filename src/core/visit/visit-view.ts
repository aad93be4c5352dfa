import { unreachable } from '../../shared/assert.ts';
import type { CabinetCodeView } from '../../shared/model/cabinet-code.schema.ts';
import type { Basket } from '../../shared/model/basket.schema.ts';
import type { LocalText } from '../../shared/model/catalog.schema.ts';
import { type Availability, outOfServiceOf } from '../availability/availability.ts';
import { type VisitBasket, foreignCountMax } from '../basket/basket.ts';
import type { AccountView, FaceView } from '../../shared/model/face-view.schema.ts';
import type { Countdown, Receipt, VisitView } from '../../shared/model/visit.schema.ts';
import { checkingOf } from './checking.ts';
import type { Visit } from './visit.ts';

export interface ViewFacts {
  /** How long the current wait has been running, ms. */
  timerElapsedMs: number;
  readerTrouble: boolean;
  availability: Availability;
  /** The name of an article in the catalogue as it is now. */
  nameOf: (sku: string) => LocalText | null;
  cabinetCode: () => CabinetCodeView;
  face: () => FaceView;
  account: () => AccountView;
  /** Composed from the charge on record; only asked for where it is shown. */
  receipt: () => Receipt;
}

/** What the screen shows of a visit. Total over all states. */
export function viewOf(visit: Visit, facts: ViewFacts): VisitView {
  const { state, context: c } = visit;
  const durationMs = c.timer?.durationMs ?? 0;
  const countdown: Countdown = {
    durationMs,
    elapsedMs: Math.round(Math.min(Math.max(facts.timerElapsedMs, 0), durationMs)),
  };
  const member = c.member?.display ?? '';
  const confirmed = c.confirmed !== null;
  switch (state) {
    case 'recovering':
      return { screen: 'recovering' };
    case 'outOfService':
      return { screen: 'out_of_service', ...outOfServiceOf(facts.availability) };
    case 'attract':
      return { screen: 'attract' };
    case 'identifyingByCode':
      return { screen: 'identifying', purpose: c.purpose, cabinetCode: facts.cabinetCode(), countdown };
    case 'identifyingByFace':
      return { screen: 'face', purpose: c.purpose, face: facts.face(), countdown };
    case 'account':
      return {
        ...{ screen: 'account', by: c.recognisedMemberId === null ? 'code' : 'face', member },
        ...{ account: facts.account(), countdown },
      };
    case 'authorising':
      return { screen: 'authorising', countdown };
    case 'refused':
      return {
        ...{ screen: 'refused', purpose: c.purpose, countdown },
        reason: c.refusedReason ?? 'system.operator_error',
      };
    case 'preparing':
      return { screen: 'unlocking', phase: 'preparing', member, countdown };
    case 'unlocking':
      return { screen: 'unlocking', phase: 'open_now', member, countdown };
    case 'shopping':
    case 'confirmed':
    case 'ajar': {
      const { ajarLevel } = c;
      const basket = withNames(c.basket, facts);
      return { screen: 'shopping', basket, confirmed, member, ajarLevel, readerTrouble: facts.readerTrouble };
    }
    case 'checking': {
      const checking = checkingOf(c);
      return { screen: 'checking', confirmed, ...checking, basket: withNames(checking.basket, facts) };
    }
    case 'receipt':
      return { screen: 'receipt', receipt: facts.receipt(), countdown };
    case 'nothingCharged':
      return { screen: 'nothing_charged', why: c.nothingChargedReason ?? 'cancelled', countdown };
    default:
      return unreachable(state);
  }
}

/** What was put in, piece by piece, by the name that it has in the catalogue now. */
function withNames(basket: VisitBasket, { nameOf }: ViewFacts): Basket {
  const pieces = basket.foreign.flatMap(({ sku, quantity }) =>
    Array.from({ length: Math.min(quantity, foreignCountMax) }, (_, index) => ({
      key: `${sku ?? '?'}-${index}`,
      name: sku === null ? null : nameOf(sku),
    })),
  );
  return { ...basket, foreign: pieces.slice(0, foreignCountMax) };
}
