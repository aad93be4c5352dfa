import { beforeEach, expect, it } from 'vitest';
import { initialAvailability } from '../core/availability/availability.ts';
import type { Visit } from '../core/visit/visit.ts';
import { FakeClock } from '../shared/clock.ts';
import type { KioskSnapshot } from '../shared/model/visit.schema.ts';
import { fail, ok } from '../shared/result.ts';
import { visitAt } from '../testkit/core/visit-at.ts';
import { settingsSchema } from './settings/settings-schema.ts';
import { SnapshotPublisher, type SnapshotSources } from './snapshot-publisher.ts';

const notShown = (): never => {
  throw new Error('not on this screen');
};

let visit: Visit;
let isOnline: boolean;
let isFaceWanted: boolean;
let bills: ReturnType<SnapshotSources['charges']['hasUnsettled']>;
let published: KioskSnapshot[];
let snapshots: SnapshotPublisher;

function publisher(faces: SnapshotSources['faces']): SnapshotPublisher {
  const settings = settingsSchema.parse({});
  return new SnapshotPublisher(
    {
      settings: {
        get settings() {
          return { ...settings, face: { ...settings.face, enabled: isFaceWanted } };
        },
      },
      visitLoop: {
        get visit() {
          return visit;
        },
        timerElapsedMs: 0,
        readerTrouble: false,
        scanAnswer: null,
        deviceTrouble: null,
        stock: {},
        availability: { availability: initialAvailability },
      },
      // What a screen does not show is not composed for it.
      cabinetCode: { view: notShown },
      receipts: { receiptOf: notShown },
      charges: { hasUnsettled: () => bills },
      account: { view: notShown },
      faces,
      catalog: () => null,
      isOnline: () => isOnline,
      offlineBlock: () => null,
      degradedSecrets: false,
    },
    new FakeClock(),
  );
}

beforeEach(() => {
  visit = visitAt('attract');
  isOnline = true;
  isFaceWanted = true;
  bills = ok(false);
  published = [];
  snapshots = publisher({ faceView: notShown });
  snapshots.onSnapshot((snapshot) => published.push(snapshot));
});

it('nothing is published before the start or after the end', () => {
  snapshots.publish();
  expect(published).toEqual([]);
  snapshots.start();
  snapshots.stop();
  snapshots.publish();
  expect(published.map(({ seq }) => seq)).toEqual([1]);
});

it('each one is of now, whole, and under the next number', () => {
  snapshots.start();
  [visit, isOnline] = [visitAt('outOfService'), false];
  snapshots.publish();
  const first = { seq: 1, online: true, visit: { screen: 'attract' }, products: [] };
  const second = { seq: 2, online: false, visit: { screen: 'out_of_service' }, products: [] };
  expect(published).toMatchObject([first, second]);
});

it('whoever asks gets what is now, under the number of the last one', () => {
  snapshots.start();
  visit = visitAt('outOfService');
  expect(snapshots.current()).toMatchObject({ seq: 1, visit: { screen: 'out_of_service' } });
  expect(published).toHaveLength(1);
});

it('a listener that has gone hears nothing more', () => {
  const heard: number[] = [];
  const stop = snapshots.onSnapshot(({ seq }) => heard.push(seq));
  snapshots.start();
  stop();
  snapshots.publish();
  expect([heard, published.length]).toEqual([[1], 2]);
});

it('says why there is no way in by face: not wanted, or faces that cannot be read', () => {
  expect(snapshots.current().faceOff).toBeNull();
  expect(publisher(null).current().faceOff).toBe('vault');
  isFaceWanted = false;
  expect(publisher(null).current().faceOff).toBe('off');
  expect(snapshots.current().faceOff).toBe('off');
});

it('out of service: says whether a bill is still to be settled, and says so where nobody can tell', () => {
  visit = visitAt('outOfService');
  snapshots.start();
  const has = (): unknown => (snapshots.current().visit as { hasOpenBill?: boolean }).hasOpenBill;
  expect(has()).toBe(false);
  bills = ok(true);
  expect(has()).toBe(true);
  bills = fail('storage.io', 'the disk is gone');
  expect(has()).toBe(true);
});
