import { CircleHelp, PackageOpen } from 'lucide-react';
import { AnimatePresence, useReducedMotion } from 'motion/react';
import * as m from 'motion/react-m';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Basket } from '../../../../shared/model/basket.schema.ts';
import { useText } from '../../kiosk/context.ts';
import { newestFirst } from '../../kiosk/kiosk-state.ts';
import { ScrollArea } from '../../ui/scroll-area.tsx';
import { BasketRow } from './basket-line.tsx';

/** A line flies in when an item leaves the shelf, and out when it is put back; at once under reduced motion. */
const flight = {
  initial: { opacity: 0.25, x: '12%', height: 0 },
  animate: { opacity: 1, x: 0, height: 'auto' },
  exit: { opacity: 0, x: '-12%', height: 0 },
} as const;
const flying = { duration: 0.22, ease: [0.2, 0.8, 0.2, 1] } as const;
const atOnce = { duration: 0 } as const;

/** What the shopper has taken, what was put in, and what nobody recognized. Scrolls by itself to what has changed. */
export function BasketList({
  basket,
  report,
  children,
}: {
  basket: Basket;
  report: boolean;
  /** Below the lines. */
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  const text = useText();
  const [box, setBox] = useState<HTMLElement | null>(null);
  const lines = useNewestFirst(basket);
  useScrollToChange(box, basket);
  const fly = { ...flight, transition: useReducedMotion() === true ? atOnce : flying };
  return (
    <ScrollArea label={t('shopping.list')} className="-mx-8 h-full px-8" onElement={setBox}>
      <ul className="pb-24">
        <AnimatePresence initial={false}>
          {lines.map((line) => (
            <m.li key={line.sku} data-testid={`basket-line-${line.sku}`} {...fly}>
              <div className="pb-20">
                <BasketRow line={line} report={report} />
              </div>
            </m.li>
          ))}
          {basket.unknownTakenCount > 0 && (
            <m.li key="unknown" data-testid="basket-unknown" {...fly}>
              <NotBilled
                icon={<CircleHelp className="size-64" aria-hidden="true" />}
                note={t('shopping.unknownNote')}
              >
                {t('shopping.unknown', { count: basket.unknownTakenCount })}
              </NotBilled>
            </m.li>
          )}
          {basket.foreign.map((thing) => (
            <m.li key={thing.key} data-testid="basket-foreign" {...fly}>
              <NotBilled
                icon={<PackageOpen className="size-64" aria-hidden="true" />}
                note={t('shopping.foreignNote')}
              >
                {thing.name === null
                  ? t('shopping.foreign')
                  : t('shopping.foreignNamed', { name: text(thing.name) })}
              </NotBilled>
            </m.li>
          ))}
        </AnimatePresence>
      </ul>
      {children}
    </ScrollArea>
  );
}

function NotBilled({ icon, note, children }: { icon: ReactNode; note: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className="pb-20">
      <div className="flex items-center gap-28 rounded-card border-3 border-dashed border-line p-22 big:gap-22">
        <span className="grid size-136 shrink-0 place-items-center rounded-tile bg-sunk text-soft big:size-120">
          {icon}
        </span>
        <div className="min-w-0 flex-1">
          <p className="text-body leading-snug font-semibold">{children}</p>
          <p className="mt-6 text-small leading-snug text-soft">{note}</p>
        </div>
        <span
          className={
            'mr-8 rounded-full bg-jade-soft px-24 py-10 text-small font-semibold whitespace-nowrap ' +
            'text-jade-ink'
          }
        >
          {t('shopping.notBilled')}
        </span>
      </div>
    </div>
  );
}

/** Catalogue order on first sight; from then on what is taken comes on top, where eyes are. */
function useNewestFirst(basket: Basket): Basket['lines'] {
  const counts = new Map(basket.lines.map((line) => [line.sku, line.count]));
  const [known, setKnown] = useState({ basket, counts, order: newestFirst([], new Map(), counts) });
  let { order } = known;
  if (known.basket !== basket) {
    order = newestFirst(known.order, known.counts, counts);
    setKnown({ basket, counts, order });
  }
  return order.flatMap((sku) => basket.lines.filter((line) => line.sku === sku));
}

/** The line that is new or has another count than before comes into view. */
function useScrollToChange(box: HTMLElement | null, basket: Basket): void {
  const before = useRef<Basket | null>(null);
  useEffect(() => {
    const counts = new Map(before.current?.lines.map((l) => [l.sku, l.count]));
    const first = before.current === null;
    before.current = basket;
    const changed = basket.lines.find((l) => (counts.get(l.sku) ?? 0) < l.count);
    if (first || changed === undefined) return;
    box
      ?.querySelector(`[data-testid="basket-line-${changed.sku}"]`)
      ?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
  }, [box, basket]);
}
