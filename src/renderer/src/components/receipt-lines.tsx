import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Receipt } from '../../../shared/model/visit.ts';
import { useText } from '../kiosk/context.ts';
import { useMoreBelow } from '../kiosk/use-environment.ts';
import { Money } from './money.tsx';
import { ProductPicture } from './product-picture.tsx';

type Line = Receipt['lines'][number];

/** Charged lines first; below, apart and marked, what is not charged before somebody has looked. */
export function ReceiptLines({ receipt }: { receipt: Receipt }) {
  const { t } = useTranslation();
  const [box, setBox] = useState<HTMLElement | null>(null);
  const more = useMoreBelow(box);
  return (
    <div
      ref={setBox}
      className={`scroll min-h-0 flex-1 px-44 pt-24 ${more ? 'fade-more' : ''}`}
      tabIndex={0}
      role="region"
      aria-label={t('receipt.lines')}
    >
      <div className="pb-12">
        {receipt.lines.length === 0 ? (
          <p className="py-24 text-body text-soft">{t('receipt.heldEmpty')}</p>
        ) : (
          <ul>
            {receipt.lines.map((line) => (
              <ReceiptLine key={line.sku} line={line} held={false} />
            ))}
          </ul>
        )}
        {receipt.heldLines.length > 0 && (
          <section className="my-12 rounded-tile bg-amber-soft px-22 py-16">
            <h2 className="pt-4 text-small font-bold text-amber-ink">{t('receipt.held')}</h2>
            <ul>
              {receipt.heldLines.map((line) => (
                <ReceiptLine key={line.sku} line={line} held />
              ))}
            </ul>
          </section>
        )}
      </div>
    </div>
  );
}

function ReceiptLine({ line, held }: { line: Line; held: boolean }) {
  const text = useText();
  return (
    <li
      className="flex items-center gap-24 py-10"
      data-testid={held ? `receipt-held-${line.sku}` : `receipt-line-${line.sku}`}
    >
      <ProductPicture name={line.picture} frame="tile" className="size-84 p-6!" />
      <span className="min-w-0 flex-1 text-[calc(var(--tu)*36)] leading-snug">
        {text(line.name)}
        <span className="ml-14 whitespace-nowrap text-soft">×{line.count}</span>
      </span>
      <Money
        amount={line.amountMinor}
        className={`text-body font-semibold ${held ? 'text-amber-ink line-through decoration-2' : ''}`}
      />
    </li>
  );
}
