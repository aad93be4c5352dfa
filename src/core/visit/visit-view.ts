import { unreachable } from '../../shared/assert.ts';
import type { CabinetCodeView } from '../../shared/model/cabinet-code.schema.ts';
import type { Basket } from '../../shared/model/basket.schema.ts';
import type { LocalText } from '../../shared/model/catalog.schema.ts';
import { type Availability, outOfServiceOf } from '../availability/availability.ts';
import { type VisitBasket, foreignCountMax } from '../basket/basket.ts';
import type { AccountView, FaceView } from '../../shared/model/face-view.schema.ts';
import type { BaselineInventory } from '../recognition/inventory.ts';
import type {
  Countdown,
  Receipt,
  ShownDoor,
  ShownQuestion,
  VisitView,
} from '../../shared/model/visit.schema.ts';
import { checkingOf } from './checking.ts';
import { type VisitPhaseOf, phaseOf } from './visit-phase.ts';
import { mayOpenAnother, mayUnlockAgain } from './visit-guards.ts';
import type { VisitContext } from './visit-model.ts';
import type { Visit } from './visit.ts';

type ShoppingLimit = NonNullable<Extract<VisitView, { screen: 'shopping' }>['limit']>;

/** From so much of what a visit may cost on the shopper is told (docs/payments.md#caps). */
const nearLimitPercent = 80;

/** What the lock board has said to the last command. */
const unlockPhases = { none: 'opening', opened: 'open_now', failed: 'stuck' } as const;

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
  /** A bill of a visit before is not settled yet, or nobody can tell; only asked for where it is shown. */
  hasOpenBill: () => boolean;
  /** Composed from the charge on record; only asked for where it is shown. */
  receipt: () => Receipt;
}

/** What the screen shows of a visit. Total over all states. */
export function viewOf(visit: Visit, facts: ViewFacts): VisitView {
  const { state, context } = visit;
  const phase = phaseOf(visit);
  const countdown = countdownOf(context.timer?.durationMs ?? 0, facts.timerElapsedMs);
  switch (phase.phase) {
    case 'none':
      if (state === 'recovering') return { screen: 'recovering', hasVisit: false };
      if (state === 'attract') return { screen: 'attract' };
      return {
        ...{ screen: 'out_of_service', ...outOfServiceOf(facts.availability) },
        hasOpenBill: facts.hasOpenBill(),
      };
    case 'identifying': {
      const { purpose } = phase;
      if (state === 'identifyingByFace') return { screen: 'face', purpose, face: facts.face(), countdown };
      return { screen: 'identifying', purpose, cabinetCode: facts.cabinetCode(), countdown };
    }
    case 'authorising':
      return { screen: 'authorising', purpose: context.purpose, countdown };
    case 'refused':
      return { screen: 'refused', purpose: phase.purpose, reason: phase.reason, countdown };
    case 'account': {
      const member = phase.by === 'code' ? phase.member.display : '';
      const { form } = context;
      return { screen: 'account', by: phase.by, member, account: facts.account(), form, countdown };
    }
    case 'preparing':
      return {
        ...{
          screen: 'unlocking',
          phase: 'preparing',
          mayUnlockAgain: false,
          door: null,
          doors: [],
          settles: false,
        },
        ...{ member: phase.member.display, countdown },
      };
    case 'choosingDoor':
      return {
        ...{ screen: 'choosing_door', doorCount: phase.doorCount, stuckDoors: [...phase.stuckDoors] },
        ...{ member: phase.member.display, countdown },
      };
    case 'inVisit':
      return viewInVisit(visit, phase, countdown, facts);
    case 'charged':
      return { screen: 'receipt', receipt: facts.receipt(), form: context.form, countdown };
    case 'nothingCharged':
      return { screen: 'nothing_charged', why: phase.reason, countdown };
    default:
      return unreachable(phase);
  }
}

/** From the moment that the bolt may have moved until the bill is made. */
function viewInVisit(
  { state, context }: Visit,
  { member: { display: member }, baseline }: VisitPhaseOf<'inVisit'>,
  countdown: Countdown,
  facts: ViewFacts,
): VisitView {
  const confirmed = context.confirmed !== null;
  const { currency } = baseline;
  if (state === 'recovering') return { screen: 'recovering', hasVisit: true };
  if (state === 'unlocking') {
    const phase = unlockPhases[context.unlockAnswer];
    return {
      ...{ screen: 'unlocking', phase, mayUnlockAgain: mayUnlockAgain(context), member, countdown },
      ...{ door: context.chosenDoor, doors: shownDoors(context) },
      settles: context.doorWasOpen,
    };
  }
  if (state === 'checking') {
    const checking = checkingOf(context, baseline);
    return {
      screen: 'checking',
      currency,
      confirmed,
      ...checking,
      basket: withNames(checking.basket, facts),
      question: questionOf(context, baseline, countdown),
    };
  }
  const { ajarLevel } = context;
  const basket = withNames(context.basket, facts);
  const door = context.doorLost ? 'unknown' : 'open';
  return {
    screen: 'shopping',
    currency,
    basket,
    confirmed,
    member,
    door,
    doors: shownDoors(context),
    ajarLevel,
    readerTrouble: facts.readerTrouble,
    limit: limitOf(context),
  };
}

/** Each of several doors; none where there is one. */
function shownDoors(context: VisitContext): ShownDoor[] {
  if (context.doorCount === 1) return [];
  return Array.from({ length: context.doorCount }, (_, index) => {
    const door = index + 1;
    const told = context.doors[index] ?? 'closed';
    const isWaitedFor = told !== 'open' && context.releasedDoors.includes(door);
    const isLast = door === context.chosenDoor;
    const isStuck = told === 'closed' && context.stuckDoors.includes(door);
    const resting = isStuck ? 'out_of_service' : told;
    const state = isWaitedFor ? (isLast ? unlockPhases[context.unlockAnswer] : 'open_now') : resting;
    return { door, state, mayOpen: mayOpenAnother(context, door) };
  });
}

/** Asked until it is answered. */
function questionOf(
  { question, answered }: VisitContext,
  { products }: BaselineInventory,
  countdown: Countdown,
): ShownQuestion | null {
  if (question === null || answered !== null) return null;
  const shown = (sku: string): Omit<ShownQuestion, 'count' | 'or' | 'countdown'> | null => {
    const product = products.find((one) => one.sku === sku);
    if (product === undefined) return null;
    const { name, picture, priceMinor: unitPriceMinor } = product;
    return { sku, name, picture, unitPriceMinor };
  };
  const [one, or] = [shown(question.sku), question.or === null ? null : shown(question.or)];
  return one === null ? null : { ...one, count: question.count, or, countdown };
}

/** The shopper is told while goods can still be put back. */
function limitOf({ basket: { totalMinor }, maxMinor }: VisitContext): ShoppingLimit | null {
  if (maxMinor === null) return null;
  if (totalMinor > maxMinor) return { level: 'over', maxMinor };
  return totalMinor * 100 >= maxMinor * nearLimitPercent ? { level: 'near', maxMinor } : null;
}

function countdownOf(durationMs: number, elapsedMs: number): Countdown {
  return { durationMs, elapsedMs: Math.round(Math.min(Math.max(elapsedMs, 0), durationMs)) };
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
