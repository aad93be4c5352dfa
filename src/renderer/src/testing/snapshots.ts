import type { z } from 'zod';
import { type KioskSnapshot, kioskSnapshotSchema } from '../../../shared/model/visit.schema.ts';

/** Snapshots for tests of this folder: parsed, so that they stay within the contract. */
type SnapshotInput = z.input<typeof kioskSnapshotSchema>;
export type ViewInput = SnapshotInput['visit'];
type BasketInput = Extract<ViewInput, { screen: 'shopping' }>['basket'];
type LineInput = BasketInput['lines'][number];

export const cola: LineInput = {
  sku: 'cola-can',
  name: { zh: '可乐', en: 'Cola' },
  picture: 'cola-can',
  unitPriceMinor: 350,
  count: 2,
  amountMinor: 700,
  confidence: 'certain',
  reported: false,
};
export const tea: LineInput = {
  ...cola,
  sku: 'tea',
  name: { zh: '茶', en: 'Tea' },
  unitPriceMinor: 500,
  count: 1,
  amountMinor: 500,
};

export function basketOf(lines: LineInput[], over: Partial<BasketInput> = {}): BasketInput {
  return {
    revision: 3,
    lines,
    itemCount: lines.reduce((n, l) => n + l.count, 0),
    // As main does it: doubtful and reported lines are not in the number.
    totalMinor: lines.reduce(
      (n, l) => n + (l.confidence === 'doubtful' || l.reported ? 0 : l.amountMinor),
      0,
    ),
    foreign: [],
    unknownTakenCount: 0,
    ...over,
  };
}

export function shoppingOf(
  lines: LineInput[],
  over: Partial<Extract<ViewInput, { screen: 'shopping' }>> = {},
): ViewInput {
  return {
    screen: 'shopping',
    currency: 'CNY',
    basket: basketOf(lines),
    confirmed: false,
    member: '王*',
    ajarLevel: 0,
    readerTrouble: false,
    ...over,
  };
}

export function receiptOf(
  over: Partial<Extract<ViewInput, { screen: 'receipt' }>['receipt']> = {},
): ViewInput {
  return {
    screen: 'receipt',
    receipt: {
      ref: 'KM7F3Q9Z',
      chargeId: 'KM01JDA5N2YX9V4T8R3QKM7F3Q9Z',
      status: 'paid',
      reason: null,
      lines: [{ ...cola }],
      heldLines: [],
      currency: 'CNY',
      totalMinor: 700,
      atMs: Date.UTC(2026, 10, 22, 11, 42),
      member: '王*',
      disputed: [],
      resolved: null,
      ...over,
    },
    countdown: { durationMs: 12_000, elapsedMs: 0 },
  };
}

export function snapshotOf(visit: ViewInput, over: Partial<SnapshotInput> = {}): KioskSnapshot {
  return kioskSnapshotSchema.parse({
    seq: 1,
    cabinet: {
      id: 'A-0217',
      place: { zh: '一层', en: 'Floor 1' },
      servicePhone: '400-000-0217',
      simulated: false,
      degradedSecrets: false,
    },
    currency: 'CNY',
    products: [
      { sku: 'cola-can', name: cola.name, priceMinor: 350, weightG: 350, picture: 'cola-can' },
      { sku: 'tea', name: tea.name, priceMinor: 500, weightG: 520, picture: 'no-such-picture' },
    ],
    online: true,
    faceOff: null,
    scanAnswer: null,
    visit,
    ...over,
  });
}
