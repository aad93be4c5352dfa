import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { initialAvailability } from '../core/availability/availability.ts';
import { fail, ok } from '../shared/result.ts';
import { CabinetRig, tagsOf } from '../testkit/main/visit/cabinet-rig.ts';
import { ReceiptService } from './receipt/receipt-service.ts';
import { settingsSchema } from './settings/settings-schema.ts';
import { SnapshotPublisher } from './snapshot-publisher.ts';

/** A bill keeps the currency with which its visit began, whatever the catalogue says meanwhile; so does all that is shown of it. */

const notShown = (): never => {
  throw new Error('not on this screen');
};

describe('a visit in yuan, and a catalogue that is in euro by now', () => {
  let rig: CabinetRig;
  /** The catalogue, as far as it could be loaded. */
  let isCatalogThere: boolean;
  let snapshots: SnapshotPublisher;
  beforeEach(async () => {
    rig = new CabinetRig({ count: 10, readsPerSecond: 200, p: 0.95 });
    isCatalogThere = true;
    snapshots = makeSnapshots();
    await rig.begin();
    rig.inside.delete(tagsOf(1)[0] ?? '');
    await rig.run(10_000, () => rig.loop.visit.context.basket.itemCount === 1);
    // Looked for every minute, in a visit too (main/operator/catalog-sync.ts).
    rig.catalog = { ...rig.catalog, currency: 'EUR' };
  });
  afterEach(() => rig.remove());

  function makeSnapshots(): SnapshotPublisher {
    const receipts = new ReceiptService({
      // That it cannot be read hides nothing of the bill.
      charges: { get: () => fail('storage.io', 'the disk is gone') },
      disputes: { skusOf: () => ok([]), refusedSkusOf: () => ok([]) },
      pictureOf: () => '',
      operatorNowMs: () => 0,
    });
    return new SnapshotPublisher(
      {
        settings: { settings: settingsSchema.parse({}) },
        visitLoop: {
          get visit() {
            return rig.loop.visit;
          },
          timerElapsedMs: 0,
          readerTrouble: false,
          scanAnswer: null,
          deviceTrouble: null,
          stock: {},
          availability: { availability: initialAvailability },
        },
        cabinetCode: { view: notShown },
        receipts,
        charges: { hasUnsettled: () => ok(false) },
        account: { view: notShown },
        faces: null,
        catalog: () => (isCatalogThere ? rig.catalog : null),
        isOnline: () => true,
        offlineBlock: () => null,
        degradedSecrets: false,
      },
      rig.clock,
    );
  }
  /** What is on screen, and in which currency; the goods for sale are in another one by now. */
  const shown = (): { screen: string; currency: string } => {
    const { visit, currency: ofProducts } = snapshots.current();
    expect(ofProducts).toBe(isCatalogThere ? 'EUR' : null);
    if (visit.screen === 'receipt') return { screen: 'receipt', currency: visit.receipt.currency };
    if (visit.screen === 'shopping' || visit.screen === 'checking') return visit;
    throw new Error(`no amounts on screen: ${visit.screen}`);
  };
  const inYuan = (screen: string) => ({ screen, currency: 'CNY' });

  it('is shown in yuan: the basket, the last look at the shelf, the receipt', async () => {
    expect(shown()).toMatchObject(inYuan('shopping'));
    rig.door('closed');
    expect(shown()).toMatchObject(inYuan('checking'));
    expect(await rig.shut()).toMatchObject({ totalMinor: 100 });
    expect(shown()).toMatchObject(inYuan('receipt'));
  });

  it('is shown and billed in yuan after a restart, also while no catalogue can be loaded', async () => {
    await rig.restart(1_000, () => {
      isCatalogThere = false;
    });
    await rig.run(30_000, () => rig.loop.visit.context.basket.itemCount === 1);
    expect(shown()).toMatchObject(inYuan('shopping'));
    expect(await rig.shut()).toMatchObject({ totalMinor: 100 });
    expect(shown()).toMatchObject(inYuan('receipt'));
  });

  it('is so, too, when a version that did not keep the currency with the prices has begun it', async () => {
    await rig.restart(1_000, () => {
      const stored = rig.visits.loadActive();
      if (!stored.ok || stored.value === null) throw new Error('a visit is in hand');
      const { visitId, state } = stored.value;
      const { context, ...same } = state as { context: { baseline: object } };
      const baseline = { ...context.baseline, currency: undefined };
      rig.visits.save(visitId, { ...same, version: 4, context: { ...context, baseline } }, null, true);
    });
    await rig.run(30_000, () => rig.loop.visit.context.basket.itemCount === 1);
    expect(shown()).toMatchObject(inYuan('shopping'));
    expect(await rig.shut()).toMatchObject({ totalMinor: 100 });
    expect(shown()).toMatchObject(inYuan('receipt'));
  });
});
