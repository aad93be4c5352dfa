import { useTranslation } from 'react-i18next';
import type { Basket } from '../../../../shared/model/basket.schema.ts';
import { type Minor, sumMinor } from '../../../../shared/money.ts';
import { useMoney } from '../../kiosk/context.ts';
import { Money } from '../../ui/money.tsx';

/** What the shopper has marked as wrong, in minor units: shown, not charged before somebody has looked. */
function heldMinor(basket: Basket): Minor {
  return sumMinor(basket.lines.filter((line) => line.reported).map((line) => line.amountMinor));
}

/** How much it all is; and how much of it is not charged until somebody has looked. */
export function Total({ basket }: { basket: Basket }) {
  const { t } = useTranslation();
  const money = useMoney();
  const held = heldMinor(basket);
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
      {held > 0 && (
        <p className="text-right text-small font-medium text-amber-ink">
          {t('shopping.heldPart', { amount: money(held).text })}
        </p>
      )}
    </div>
  );
}
