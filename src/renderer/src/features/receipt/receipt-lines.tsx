import { Flag } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ShownLine } from '../../../../shared/model/charge.schema.ts';
import type { Receipt } from '../../../../shared/model/visit.schema.ts';
import { useText } from '../../kiosk/context.ts';
import { Money } from '../../ui/money.tsx';
import { ProductPicture } from '../../ui/product-picture.tsx';
import { ScrollArea } from '../../ui/scroll-area.tsx';
import { type Tone, tones } from '../../ui/tones.ts';

/** Charged lines first; below, apart and marked, what is not charged before somebody has looked. */
export function ReceiptLines({ receipt }: { receipt: Pick<Receipt, 'lines' | 'heldLines' | 'disputed'> }) {
  const { t } = useTranslation();
  return (
    <ScrollArea label={t('receipt.lines')} className="min-h-0 flex-1 px-44 pt-24">
      <div className="pb-12">
        {receipt.lines.length === 0 ? (
          <p className="py-24 text-body text-soft">{t('receipt.heldEmpty')}</p>
        ) : (
          <ul>
            {receipt.lines.map((line) => (
              <ReceiptLine key={line.sku} line={line} isDisputed={receipt.disputed.includes(line.sku)} />
            ))}
          </ul>
        )}
        <NotChargedLines kind="held" lines={receipt.heldLines} />
      </div>
    </ScrollArea>
  );
}

const notChargedStyles = {
  /** Gone, but somebody has to look first. */
  held: { tone: 'amber', words: 'receipt.held' },
  /** Confirmed, but still in the cabinet. */
  back: { tone: 'jade', words: 'checking.back' },
} as const satisfies Record<string, { tone: Tone; words: string }>;

/** Apart from what is charged, and marked: why these lines are not. Nothing when there are none. */
export function NotChargedLines({
  kind,
  lines,
}: {
  kind: keyof typeof notChargedStyles;
  lines: readonly ShownLine[];
}) {
  const { t } = useTranslation();
  const { tone, words } = notChargedStyles[kind];
  if (lines.length === 0) return null;
  return (
    <section className={`my-12 rounded-tile px-22 py-16 ${tones[tone].ground}`}>
      <h2 className={`pt-4 text-small font-bold ${tones[tone].ink}`}>{t(words)}</h2>
      <ul>
        {lines.map((line) => (
          <ReceiptLine key={line.sku} line={line} notCharged={kind} />
        ))}
      </ul>
    </section>
  );
}

function ReceiptLine({
  line,
  notCharged,
  isDisputed = false,
}: {
  line: ShownLine;
  notCharged?: keyof typeof notChargedStyles;
  isDisputed?: boolean;
}) {
  const { t } = useTranslation();
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
        {isDisputed && (
          <span className="flex items-center gap-10 text-small font-semibold text-amber-ink">
            <Flag className="size-30 shrink-0" aria-hidden="true" />
            {t('receipt.disputed')}
          </span>
        )}
      </span>
      <Money
        amount={line.amountMinor}
        className={
          notCharged === undefined
            ? 'text-body font-semibold '
            : `text-body font-semibold ${tones[notChargedStyles[notCharged].tone].ink} line-through decoration-2`
        }
      />
    </li>
  );
}
