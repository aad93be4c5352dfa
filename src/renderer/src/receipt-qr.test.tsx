import { expect, test } from 'vitest';
import { encode } from 'uqr';
import { draw } from './testing/draw.tsx';
import { type ViewInput, receiptOf, snapshotOf, tea } from './testing/snapshots.ts';

/** As a path: the same text is the same path (ui/qr.tsx). */
function pathOf(text: string): string {
  const { data } = encode(text, { ecc: 'M', border: 4 });
  return data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
}

test('the receipt’s QR leads a phone to this purchase where there is a page, else it has the receipt in words', () => {
  const view = receiptOf({ lines: [{ ...tea }] }) as Extract<ViewInput, { screen: 'receipt' }>;
  const snapshot = snapshotOf(view);
  const page = 'https://m.example/m/';
  const path = pathOf(`${page}r#${view.receipt.chargeId}`);
  const withPage = { ...snapshot, cabinet: { ...snapshot.cabinet, phonePage: page } };
  expect(draw(withPage, 'zh')).toContain(path);
  expect(draw(snapshot, 'zh')).not.toContain(path);
  expect(draw(snapshot, 'zh')).toMatch(/<path d="M4 4/);
});
