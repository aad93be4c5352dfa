import type { Basket } from '../../shared/model/basket.ts';
import type { ShownLine } from '../../shared/model/charge.ts';
import { type Bill, makeBill, toLines } from '../basket/basket.ts';
import type { Shelf } from '../basket/shelf.ts';
import type { VisitContext } from './visit-model.ts';

export interface Checking {
  /** What will be billed as things stand now; of the rest (put in, unknown) as the basket has it. */
  basket: Basket;
  /** Gone, but not billed before somebody has looked. */
  heldLines: ShownLine[];
  /** On the confirmed list, but still in the cabinet: not billed. */
  backLines: ShownLine[];
}

/**
 * What the screen shows while the shelf is read for the last time: by the very rules of the bill, with the last evidence in the place of
 * the final reading, so that the receipt that follows holds no surprise.
 */
export function checkingOf(context: VisitContext): Checking {
  const { shelf, taken, confirmed, basket } = context;
  if (shelf === null) return { basket, heldLines: [], backLines: [] };
  const bill = context.bill ?? billAsThingsStand(context, shelf);
  const gone = new Set(taken);
  const back = (confirmed ?? []).filter((epc) => !gone.has(epc));
  const lines = withPictures(shelf, bill.lines);
  return {
    basket: {
      ...basket,
      lines: lines.map((line) => ({ ...line, confidence: 'certain' as const, reported: false })),
      itemCount: lines.reduce((n, l) => n + l.count, 0),
      totalMinor: bill.totalMinor,
    },
    heldLines: withPictures(shelf, bill.heldLines),
    backLines: withPictures(shelf, toLines(shelf, back)),
  };
}

function billAsThingsStand(context: VisitContext, shelf: Shelf): Bill {
  const { taken, confirmed, reported, afterAbandoned } = context;
  return makeBill({
    ...{ shelf, confirmed, reported, afterAbandoned },
    final: { gone: taken, unsure: [] },
    shown: taken,
  });
}

function withPictures(shelf: Shelf, lines: Bill['lines']): ShownLine[] {
  const pictures = new Map(shelf.products.map((p) => [p.sku, p.picture]));
  return lines.map((line) => ({ ...line, picture: pictures.get(line.sku) ?? '' }));
}
