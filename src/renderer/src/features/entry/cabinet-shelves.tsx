import { useReducedMotion } from 'motion/react';
import * as m from 'motion/react-m';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Product } from '../../../../shared/model/catalog.schema.ts';
import type { StockMark } from '../../../../shared/model/visit.ts';
import { useKiosk, useText } from '../../kiosk/context.ts';
import { useSize } from '../../kiosk/use-environment.ts';
import { Card } from '../../ui/card.tsx';
import { InCurrency } from '../../ui/in-currency.tsx';
import { Money } from '../../ui/money.tsx';
import { ProductPicture } from '../../ui/product-picture.tsx';
import { chunk, shelfLayout } from './shelf-layout.ts';

/** A page of goods stands this long before the next one comes. */
const pageMs = 6_000;
/** Smallest place for one product, design units; larger text takes more. */
const cell = { minWidth: 220, minHeight: 270 };
const largeCell = { minWidth: 300, minHeight: 330 };
const measuredLater = { width: 968, height: 900 };

/** The inside of the cabinet: every product on its shelf, name and price on the edge below it. */
export function CabinetShelves({ products }: { products: readonly Product[] }) {
  const { t } = useTranslation();
  const { largeText, snapshot } = useKiosk();
  const still = useReducedMotion() === true;
  const [element, setElement] = useState<HTMLElement | null>(null);
  const space = useSize(element, measuredLater);
  const layout = shelfLayout(products.length, space, largeText ? largeCell : cell);
  const page = usePage(layout.pages);
  const shown = products.slice(page * layout.perPage, (page + 1) * layout.perPage);
  return (
    <Card className="relative flex h-full min-h-0 flex-col overflow-hidden">
      <div ref={setElement} className="min-h-0 flex-1">
        {products.length === 0 && (
          <p className="grid h-full place-items-center text-heading text-soft">{t('attract.empty')}</p>
        )}
        <m.ul
          key={page}
          aria-label={t('attract.shelf')}
          className="flex h-full flex-col"
          initial={page === 0 || still ? false : { opacity: 0, x: '4%' }}
          animate={{ opacity: 1, x: 0 }}
          transition={{ duration: 0.3, ease: 'easeOut' }}
        >
          <InCurrency currency={snapshot.currency}>
            {chunk(shown, layout.columns).map((row, index) => (
              <ShelfRow key={index} row={row} columns={layout.columns} rows={layout.rows} />
            ))}
          </InCurrency>
        </m.ul>
      </div>
      {layout.pages > 1 && (
        <div
          className="flex justify-center gap-14 pt-8 pb-18"
          role="img"
          aria-label={t('attract.page', { page: page + 1, pages: layout.pages })}
        >
          {Array.from({ length: layout.pages }, (_, i) => (
            <span key={i} className={`h-12 rounded-full ${i === page ? 'w-44 bg-jade' : 'w-12 bg-off'}`} />
          ))}
        </div>
      )}
    </Card>
  );
}

function usePage(pages: number): number {
  const [turns, setTurns] = useState(0);
  useEffect(() => {
    if (pages <= 1) return;
    const timer = setInterval(() => setTurns((n) => n + 1), pageMs);
    return () => clearInterval(timer);
  }, [pages]);
  return pages <= 1 ? 0 : turns % pages;
}

function ShelfRow({ row, columns, rows }: { row: readonly Product[]; columns: number; rows: number }) {
  const text = useText();
  const { stock } = useKiosk().snapshot;
  const empty = columns - row.length;
  return (
    <li className="min-h-0" style={{ height: `${100 / rows}%` }}>
      {/* Two tracks that all products of a shelf share: what stands on it, and the price edge below. */}
      <ul
        className="grid h-full bg-linear-to-b from-shelf-lit to-shelf-deep"
        style={{
          gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
          gridTemplateRows: 'minmax(0, 1fr) auto',
        }}
      >
        {row.map((product) => (
          <li key={product.sku} className="row-span-2 grid min-w-0 grid-rows-subgrid">
            <span className="relative flex min-h-0 items-end justify-center px-8 pt-22">
              <span
                className={
                  'absolute bottom-0 left-1/2 h-14 w-[52%] -translate-x-1/2 translate-y-1/2 rounded-full ' +
                  'bg-ink/30 blur-[calc(var(--u)*7)]'
                }
              />
              <ProductPicture
                name={product.picture}
                frame="plain"
                className={`relative h-full w-full ${stock[product.sku] === 'sold_out' ? 'opacity-30 grayscale' : ''}`}
              />
              {stock[product.sku] !== undefined && <StockChip mark={stock[product.sku]} />}
            </span>
            <span
              className={
                'relative flex flex-col items-center justify-between border-t-10 border-edge bg-card ' +
                'px-4 pt-10 pb-14 text-center'
              }
            >
              {/* What hangs below the second line is not cut off with what would be a third. */}
              <span className="-mb-[0.2em] line-clamp-2 pb-[0.2em] text-fine leading-[1.2] font-medium">
                {text(product.name)}
              </span>
              <Money
                amount={product.priceMinor}
                className="mt-2 text-[calc(var(--tu)*40)] leading-tight font-bold"
              />
            </span>
          </li>
        ))}
        {empty > 0 && (
          <li
            aria-hidden="true"
            className="row-span-2 grid grid-rows-subgrid"
            style={{ gridColumn: `span ${empty}` }}
          >
            <span />
            <span className="border-t-10 border-edge bg-card" />
          </li>
        )}
      </ul>
    </li>
  );
}

/** Over the picture: there is none left, or one. */
function StockChip({ mark }: { mark: StockMark | undefined }) {
  const { t } = useTranslation();
  const isSoldOut = mark === 'sold_out';
  return (
    <span
      data-testid={`stock-${mark}`}
      className={
        'absolute bottom-14 left-1/2 -translate-x-1/2 rounded-full px-20 py-6 text-fine leading-tight font-bold ' +
        `whitespace-nowrap ${isSoldOut ? 'bg-ink text-paper' : 'bg-amber-soft text-amber-ink'}`
      }
    >
      {t(isSoldOut ? 'attract.soldOut' : 'attract.lastOne')}
    </span>
  );
}

/** The cabinet behind its two glass leaves. They slide apart when the lock has opened. */
export function CabinetDoors({ open, products }: { open: boolean; products: readonly Product[] }) {
  return (
    <div className="relative h-full overflow-hidden rounded-card">
      <CabinetShelves products={products} />
      <Leaf side="left" open={open} />
      <Leaf side="right" open={open} />
    </div>
  );
}

function Leaf({ side, open }: { side: 'left' | 'right'; open: boolean }) {
  const left = side === 'left';
  const still = useReducedMotion() === true;
  const away = left ? '-97.2%' : '97.2%';
  return (
    <m.div
      aria-hidden="true"
      className={`absolute inset-y-0 w-1/2 border-14 border-jade bg-glass/80
        ${left ? 'left-0 rounded-l-card' : 'right-0 rounded-r-card'}`}
      initial={{ x: 0 }}
      animate={{ x: open ? away : 0 }}
      transition={{ duration: still ? 0 : 0.3, ease: [0.6, 0, 0.2, 1] }}
    >
      <span className="absolute inset-y-0 left-[18%] w-[16%] -skew-x-12 bg-white/25 night:bg-white/8" />
      <span className="absolute inset-y-0 left-[40%] w-[5%] -skew-x-12 bg-white/20 night:bg-white/6" />
      <span
        className={`absolute top-1/2 h-240 w-22 -translate-y-1/2 rounded-full bg-jade ${left ? 'right-22' : 'left-22'}`}
      />
    </m.div>
  );
}
