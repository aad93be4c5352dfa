import { useTranslation } from 'react-i18next';
import type { Basket } from '../../../../shared/model/basket.schema.ts';
import { minor } from '../../../../shared/money.ts';
import { useMoney } from '../../kiosk/context.ts';
import { Money } from '../../ui/money.tsx';
import { Saved } from '../../ui/saved.tsx';

/** What the lines show and the number lacks: not charged before somebody has looked, in minor units. */
function pendingMinor({ lines, totalMinor }: Basket): number {
  return lines.reduce((sum, line) => sum + line.amountMinor, 0) - totalMinor;
}

/** What is charged when the door shuts; and how much more waits until somebody has looked. */
export function Total({ basket }: { basket: Basket }) {
  const { t } = useTranslation();
  const money = useMoney();
  const pending = pendingMinor(basket);
  return (
    <div className="mb-28 border-t-3 border-line pt-20">
      <div className="flex flex-wrap items-baseline justify-between gap-x-20">
        <span className="text-body text-soft">{t('shopping.items', { count: basket.itemCount })}</span>
        <span data-testid="basket-total" className="ml-auto">
          <Money
            amount={basket.totalMinor}
            className="text-total leading-[1.05] font-extrabold tracking-[-0.02em]"
          />
        </span>
      </div>
      <Saved savedMinor={basket.savedMinor ?? 0} isFree={basket.free !== undefined} />
      {pending > 0 && (
        <p className="text-right text-small font-medium text-amber-ink">
          {t('shopping.heldPart', { amount: money(minor(pending)).text })}
        </p>
      )}
    </div>
  );
}
