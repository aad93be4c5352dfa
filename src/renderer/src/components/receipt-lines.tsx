import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ShownLine } from '../../../shared/model/charge.ts';
import type { Receipt } from '../../../shared/model/visit.ts';
import { useText } from '../kiosk/context.ts';
import { useMoreBelow } from '../kiosk/use-environment.ts';
import { Money } from './money.tsx';
import { ProductPicture } from './product-picture.tsx';

/** Charged lines first; below, apart and marked, what is not charged before somebody has looked. */
export function ReceiptLines({ receipt }: { receipt: Pick<Receipt, 'lines' | 'heldLines'> }) {
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
              <ReceiptLine key={line.sku} line={line} />
            ))}
          </ul>
        )}
        <NotChargedLines kind="held" lines={receipt.heldLines} />
      </div>
    </div>
  );
}

const kinds = {
  /** Gone, but somebody has to look first. */
  held: { box: 'bg-amber-soft', ink: 'text-amber-ink', words: 'receipt.held' },
  /** Confirmed, but still in the cabinet. */
  back: { box: 'bg-jade-soft', ink: 'text-jade-ink', words: 'checking.back' },
} as const;

/** Apart from what is charged, and marked: why these lines are not. Nothing when there are none. */
export function NotChargedLines({ kind, lines }: { kind: keyof typeof kinds; lines: readonly ShownLine[] }) {
  const { t } = useTranslation();
  const { box, ink, words } = kinds[kind];
  if (lines.length === 0) return null;
  return (
    <section className={`my-12 rounded-tile px-22 py-16 ${box}`}>
      <h2 className={`pt-4 text-small font-bold ${ink}`}>{t(words)}</h2>
      <ul>
        {lines.map((line) => (
          <ReceiptLine key={line.sku} line={line} notCharged={kind} />
        ))}
      </ul>
    </section>
  );
}

function ReceiptLine({ line, notCharged }: { line: ShownLine; notCharged?: keyof typeof kinds }) {
  const text = useText();
  return (
    <li
      className="flex items-center gap-24 py-10"
      data-testid={`receipt-${notCharged ?? 'line'}-${line.sku}`}
    >
      <ProductPicture name={line.picture} frame="tile" className="size-84 p-6!" />
      <span className="min-w-0 flex-1 text-[calc(var(--tu)*36)] leading-snug">
        {text(line.name)}
        <span className="ml-14 whitespace-nowrap text-soft">×{line.count}</span>
      </span>
      <Money
        amount={line.amountMinor}
        className={`text-body font-semibold ${notCharged === undefined ? '' : `${kinds[notCharged].ink} line-through decoration-2`}`}
      />
    </li>
  );
}
