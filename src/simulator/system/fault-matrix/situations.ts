import { expect } from 'vitest';
import type { VisitStateName } from '../../../core/visit/visit-model.ts';
import { unseenOpeningsMax } from '../../../shared/model/host-messages.ts';
import type { CabinetHarness } from '../cabinet-harness.ts';
import type { CabinetHarnessOptions } from '../cabinet-setup.ts';

/** A thing taken is on the screen long before that. */
export const shownMs = 2_500;
/** The latch stays back for 14.5 s; people can be that slow. */
const lateMs = 13_800;
/** Longer than the visit waits for the door to be pulled, after an unlock that was asked for twice. */
const standMs = 20_000;

export interface Situation {
  readonly state: VisitStateName;
  readonly name: string;
  readonly options?: CabinetHarnessOptions;
  /** Plays until it is so, and calls `hit` at that very moment. */
  readonly reach: (harness: CabinetHarness, hit: () => void) => Promise<void>;
  /** What the shopper does then, knowing nothing of the fault (and nothing of the kiosk). */
  readonly goOn: (harness: CabinetHarness) => Promise<void>;
}

/** Opens when the bolt lets go, takes something, shuts. */
async function useOpenBolt(harness: CabinetHarness): Promise<void> {
  if (harness.world.bolt === 'locked') return;
  if (!harness.shopper.pull()) return;
  await harness.sleep(600);
  harness.shopper.take('spring-water');
  await harness.sleep(shownMs);
  harness.shopper.shut();
}

async function waitAndSee(harness: CabinetHarness): Promise<void> {
  await harness.sleep(shownMs);
  await useOpenBolt(harness);
}

async function takeMoreAndShut(harness: CabinetHarness): Promise<void> {
  await harness.sleep(600);
  harness.shopper.take('spring-water');
  await harness.sleep(shownMs);
  harness.shopper.shut();
}

const nothingMore = (): Promise<void> => Promise.resolve();

async function enterAndTake(harness: CabinetHarness): Promise<void> {
  await harness.enter();
  harness.shopper.take('cola-can');
  await harness.waitBasket(harness.priceOf('cola-can'));
}

async function whenState(harness: CabinetHarness, state: VisitStateName, hit: () => void): Promise<void> {
  let isHit = false;
  harness.onState(state, () => {
    isHit = true;
    hit();
  });
  await harness.until(`in ${state}`, () => isHit);
}

/** Right after the board has moved the bolt; its acknowledgement is still to come. */
async function whenReleased(harness: CabinetHarness, hit: () => void): Promise<void> {
  await harness.shopper.present();
  let isHit = false;
  const stop = harness.world.onChange(() => {
    if (harness.world.bolt === 'locked' || isHit) return;
    isHit = true;
    // After the board's own turn.
    queueMicrotask(hit);
  });
  await harness.until('bolt released', () => isHit);
  stop();
}

const twoDoors: CabinetHarnessOptions = { simulator: { doorCount: 2 } };

/** The second one's bolt takes no opening, and has taken none before. */
const secondIsStuck: CabinetHarnessOptions = {
  ...twoDoors,
  openings: [
    { unseen: 0, isFailed: false },
    { unseen: unseenOpeningsMax, isFailed: true },
  ],
};

/** The one before the lower half of the shelves, where the rice balls are. */
async function unlockSecond(harness: CabinetHarness): Promise<void> {
  harness.openDoor(2);
  await harness.until('second bolt released', () => harness.world.doors[1]?.bolt === 'released');
}

async function secondUnlocked(harness: CabinetHarness, hit: () => void): Promise<void> {
  await enterAndTake(harness);
  await unlockSecond(harness);
  harness.shopper.shut(1);
  await whenState(harness, 'unlocking', hit);
}

const beforeUnlock: readonly Situation[] = [
  {
    state: 'attract',
    name: 'attract',
    reach: (_rig, hit) => {
      hit();
      return Promise.resolve();
    },
    goOn: nothingMore,
  },
  {
    state: 'identifyingByCode',
    name: 'identifyingByCode',
    reach: async (harness, hit) => {
      harness.chooseCode();
      await harness.waitState('identifyingByCode');
      hit();
    },
    goOn: waitAndSee,
  },
  {
    state: 'authorising',
    name: 'authorising',
    reach: async (harness, hit) => {
      await harness.shopper.present();
      await whenState(harness, 'authorising', hit);
    },
    goOn: waitAndSee,
  },
  {
    state: 'preparing',
    name: 'preparing',
    reach: async (harness, hit) => {
      await harness.shopper.present();
      await whenState(harness, 'preparing', hit);
    },
    goOn: waitAndSee,
  },
  {
    state: 'choosingDoor',
    name: 'choosing one of two doors',
    options: twoDoors,
    reach: async (harness, hit) => {
      await harness.shopper.present();
      await whenState(harness, 'choosingDoor', hit);
    },
    goOn: async (harness) => {
      await harness.sleep(600);
      if (harness.running && harness.state === 'choosingDoor') harness.openDoor(1);
      await waitAndSee(harness);
    },
  },
  {
    state: 'choosingDoor',
    name: 'choosing the one of two doors whose bolt is not stuck',
    options: secondIsStuck,
    reach: async (harness, hit) => {
      await harness.shopper.present();
      await whenState(harness, 'choosingDoor', hit);
    },
    goOn: async (harness) => {
      await harness.sleep(600);
      if (harness.running && harness.state === 'choosingDoor') {
        expect(harness.openDoor(2)).toBe('unanswered');
        harness.openDoor(1);
      }
      await waitAndSee(harness);
      expect(harness.world.doors[1]).toMatchObject({ door: 'closed', bolt: 'locked' });
    },
  },
];

const unlocking: readonly Situation[] = [
  {
    state: 'unlocking',
    name: 'unlocking, open frame not sent yet',
    reach: async (harness, hit) => {
      await harness.shopper.present();
      await whenState(harness, 'unlocking', hit);
    },
    goOn: waitAndSee,
  },
  {
    state: 'unlocking',
    name: 'unlocking, bolt released; shopper pulls at once',
    reach: whenReleased,
    goOn: useOpenBolt,
  },
  {
    state: 'unlocking',
    name: 'unlocking, bolt released; shopper pulls late',
    reach: whenReleased,
    goOn: async (harness) => {
      await harness.sleep(lateMs);
      await useOpenBolt(harness);
    },
  },
  {
    state: 'unlocking',
    name: 'unlocking, bolt released; shopper walks away',
    reach: whenReleased,
    goOn: nothingMore,
  },
  {
    state: 'unlocking',
    name: 'unlocking, bolt released; shopper stands in the open door until long after the time to pull it',
    // As in the shop: what leaves then is not yet held as left open.
    options: { limits: { ajarAfterMs: 90_000 } },
    reach: whenReleased,
    goOn: async (harness) => {
      if (!harness.shopper.pull()) return;
      await harness.sleep(600);
      harness.shopper.take('spring-water');
      await harness.sleep(standMs);
      harness.shopper.take('rice-ball');
      await harness.sleep(shownMs);
      harness.shopper.shut();
    },
  },
  {
    state: 'unlocking',
    name: 'the first of two doors is shut, the second unlocked; shopper pulls it',
    options: twoDoors,
    reach: secondUnlocked,
    goOn: async (harness) => {
      if (!harness.shopper.pull(2)) return;
      await harness.sleep(600);
      harness.shopper.take('rice-ball');
      await harness.sleep(shownMs);
      harness.shopper.shut(2);
    },
  },
  {
    state: 'unlocking',
    name: 'the first of two doors is shut, the second unlocked; shopper walks away',
    options: twoDoors,
    reach: secondUnlocked,
    goOn: nothingMore,
  },
];

const doorOpen: readonly Situation[] = [
  {
    state: 'shopping',
    name: 'shopping',
    reach: async (harness, hit) => {
      await enterAndTake(harness);
      hit();
    },
    goOn: takeMoreAndShut,
  },
  {
    state: 'confirmed',
    name: 'confirmed',
    reach: async (harness, hit) => {
      await enterAndTake(harness);
      harness.confirm();
      expect(harness.state).toBe('confirmed');
      hit();
    },
    goOn: takeMoreAndShut,
  },
  {
    state: 'ajar',
    name: 'door left open',
    reach: async (harness, hit) => {
      await enterAndTake(harness);
      await harness.waitState('ajar');
      hit();
    },
    goOn: takeMoreAndShut,
  },
  {
    state: 'recovering',
    name: 'recovering after a kill, door open, lock not answering yet',
    reach: async (harness, hit) => {
      await enterAndTake(harness);
      harness.crash();
      harness.fault('lock', 'silent');
      harness.start(false);
      await harness.sleep(1_000);
      expect(harness.state).toBe('recovering');
      harness.fault('lock', 'none');
      hit();
    },
    goOn: takeMoreAndShut,
  },
  {
    state: 'shopping',
    name: 'shopping before two open doors',
    options: twoDoors,
    reach: async (harness, hit) => {
      await enterAndTake(harness);
      await unlockSecond(harness);
      harness.shopper.pull(2);
      await harness.until('it is seen open', () => harness.context.doors[1] === 'open');
      hit();
    },
    goOn: async (harness) => {
      await harness.sleep(600);
      harness.shopper.take('rice-ball');
      await harness.sleep(shownMs);
      harness.shopper.shut(1);
      await harness.sleep(600);
      harness.shopper.shut(2);
    },
  },
];

const doorShut: readonly Situation[] = [
  {
    state: 'checking',
    name: 'checking',
    reach: async (harness, hit) => {
      await enterAndTake(harness);
      harness.confirm();
      harness.shopper.shut();
      await whenState(harness, 'checking', hit);
    },
    goOn: nothingMore,
  },
  {
    state: 'receipt',
    name: 'receipt, charge not sent yet',
    reach: async (harness, hit) => {
      await enterAndTake(harness);
      harness.shopper.shut();
      await whenState(harness, 'receipt', hit);
    },
    goOn: nothingMore,
  },
  {
    state: 'nothingCharged',
    name: 'nothing taken',
    reach: async (harness, hit) => {
      await harness.enter();
      harness.shopper.shut();
      await whenState(harness, 'nothingCharged', hit);
    },
    goOn: nothingMore,
  },
];

/** By what the shopper has reached; one test file plays each group, so that they run side by side. */
export const situations = { beforeUnlock, unlocking, doorOpen, doorShut } as const;

/** States that are not in the table, and why. */
export const statesWithoutSituation: Partial<Record<VisitStateName, string>> = {
  refused: 'no charge, bolt never moved: as attract; what leads there is in bad-input.test.ts',
  outOfService: 'what the faults of the row "attract" lead to',
  identifyingByFace:
    'no charge, bolt never moved: as identifyingByCode; no vault in this harness, the camera ' +
    'has its own tests (main/face)',
  account: 'no charge, and no door opens from it (visit.test.ts); played in purchases.test.ts',
};
