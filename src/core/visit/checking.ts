import type { ShownLine } from '../../shared/model/charge.schema.ts';
import { type Bill, type VisitBasket, makeBill, numberOf, toLines } from '../basket/basket.ts';
import { type BaselineInventory, quantityOf } from '../recognition/inventory.ts';
import type { VisitContext } from './visit-model.ts';

export interface Checking {
  /** What will be billed as things stand now; of the rest (put in, unknown) as the basket has it. */
  basket: VisitBasket;
  /** Gone, but not billed before somebody has looked. */
  heldLines: ShownLine[];
  /** On the confirmed list, but still in the cabinet: not billed. */
  backLines: ShownLine[];
}

/**
 * What the screen shows while the shelf is read for the last time: by the very rules of the bill, with the last
 * evidence in the place of the final reading, so that the receipt that follows holds no surprise.
 */
export function checkingOf(context: VisitContext, baseline: BaselineInventory): Checking {
  const { taken, confirmed, basket } = context;
  const bill = billAsThingsStand(context, baseline);
  const back = (confirmed ?? []).flatMap((line) => {
    const quantity = line.quantity - quantityOf(taken, line.sku);
    return quantity > 0 ? [{ ...line, quantity }] : [];
  });
  const lines = withPictures(baseline, bill.lines).map(
    (line) => ({ ...line, confidence: 'certain', reported: false }) as const,
  );
  return {
    basket: {
      ...basket,
      ...numberOf(lines, []),
      itemCount: lines.reduce((n, l) => n + l.count, 0),
    },
    heldLines: withPictures(baseline, bill.heldLines),
    backLines: withPictures(baseline, toLines(baseline, back)),
  };
}

function billAsThingsStand(context: VisitContext, baseline: BaselineInventory): Bill {
  return makeBill({
    ...context,
    baseline,
    final: { absent: context.taken, unsure: [] },
    shown: context.taken,
  });
}

function withPictures(baseline: BaselineInventory, lines: Bill['lines']): ShownLine[] {
  const pictures = new Map(baseline.products.map((p) => [p.sku, p.picture]));
  return lines.map((line) => ({ ...line, picture: pictures.get(line.sku) ?? '' }));
}
