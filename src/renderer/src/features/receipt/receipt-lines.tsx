import { Flag } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ShownLine } from '../../../../shared/model/charge.schema.ts';
import type { ToldMoney } from '../../../../shared/model/told-money.ts';
import type { Receipt } from '../../../../shared/model/visit.schema.ts';
import { useText } from '../../kiosk/context.ts';
import { Money } from '../../ui/money.tsx';
import { ProductPicture } from '../../ui/product-picture.tsx';
import { DiscountNames } from '../../ui/saved.tsx';
import { ScrollArea } from '../../ui/scroll-area.tsx';
import { type Tone, tones } from '../../ui/tones.ts';

interface ReceiptLinesProps {
  readonly receipt: Pick<Receipt, 'lines' | 'heldLines' | 'disputed' | 'refused'>;
  readonly told: ToldMoney;
}

/** Charged lines first; below, apart and marked, what somebody has to look at, or has. */
export function ReceiptLines({ receipt, told }: ReceiptLinesProps) {
  const { t } = useTranslation();
  const mark = told.isReportOpen ? 'receipt.disputed' : 'receipt.disputedDone';
  const reported = [...receipt.disputed, ...(receipt.refused ?? [])];
  return (
    <ScrollArea label={t('receipt.lines')} className="min-h-0 flex-1 px-44 pt-24">
      <div className="pb-12">
        {receipt.lines.length === 0 ? (
          <p className="py-24 text-body text-soft">{t('receipt.heldEmpty')}</p>
        ) : (
          <ul>
            {receipt.lines.map((line) => (
              <ReceiptLine key={line.sku} line={line} mark={reported.includes(line.sku) ? mark : null} />
            ))}
          </ul>
        )}
        {told.held !== null && <LinesApart kind={told.held} lines={receipt.heldLines} />}
      </div>
    </ScrollArea>
  );
}

const apartStyles = {
  /** Gone, but somebody has to look first. */
  held: { tone: 'amber', words: 'receipt.held', isCharged: false },
  /** Somebody has looked: charged with the rest, or not at all. */
  counted: { tone: 'plain', words: 'receipt.heldCounted', isCharged: true },
  part: { tone: 'plain', words: 'receipt.heldInPart', isCharged: true },
  dropped: { tone: 'jade', words: 'receipt.heldDropped', isCharged: false },
  /** Confirmed, but still in the cabinet. */
  back: { tone: 'jade', words: 'checking.back', isCharged: false },
} as const satisfies Record<string, { tone: Tone; words: string; isCharged: boolean }>;

/** Apart from the bill, and marked: why these lines are not charged, or are after all. Nothing when there are none. */
export function LinesApart({ kind, lines }: { kind: keyof typeof apartStyles; lines: readonly ShownLine[] }) {
  const { t } = useTranslation();
  const { tone, words } = apartStyles[kind];
  if (lines.length === 0) return null;
  return (
    <section className={`my-12 rounded-tile px-22 py-16 ${tones[tone].ground}`}>
      <h2 className={`pt-4 text-small font-bold ${tones[tone].ink}`}>{t(words)}</h2>
      <ul>
        {lines.map((line) => (
          <ReceiptLine key={line.sku} line={line} apart={kind} />
        ))}
      </ul>
    </section>
  );
}

function ReceiptLine({
  line,
  apart,
  mark = null,
}: {
  line: ShownLine;
  apart?: keyof typeof apartStyles;
  /** Of a line that was reported. */
  mark?: 'receipt.disputed' | 'receipt.disputedDone' | null;
}) {
  const { t } = useTranslation();
  const text = useText();
  return (
    <li className="flex items-center gap-24 py-10" data-testid={`receipt-${apart ?? 'line'}-${line.sku}`}>
      <ProductPicture name={line.picture} frame="tile" className="size-84 p-6!" />
      <span className="min-w-0 flex-1 text-[calc(var(--tu)*36)] leading-snug">
        {text(line.name)}
        <span className="ml-14 whitespace-nowrap text-soft">×{line.count}</span>
        {(apart === undefined || apartStyles[apart].isCharged) && (
          <DiscountNames discounts={line.discounts} />
        )}
        {mark !== null && (
          <span className="flex items-center gap-10 text-small font-semibold text-amber-ink">
            <Flag className="size-30 shrink-0" aria-hidden="true" />
            {t(mark)}
          </span>
        )}
      </span>
      <Money
        amount={line.amountMinor}
        className={
          apart === undefined || apartStyles[apart].isCharged
            ? 'text-body font-semibold '
            : `text-body font-semibold ${tones[apartStyles[apart].tone].ink} line-through decoration-2`
        }
      />
    </li>
  );
}
