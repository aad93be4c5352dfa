import { useTranslation } from 'react-i18next';
import type { Basket } from '../../../../shared/model/basket.ts';
import type { Minor } from '../../../../shared/money.ts';
import { useMoney } from '../../kiosk/context.ts';
import { Money } from '../../ui/money.tsx';

/** What the shopper has marked as wrong, in minor units: shown, not charged before somebody has looked. */
function heldMinor(basket: Basket): Minor {
  // Integers in, integer out; `sumMinor` of the shared money would bring zod into the page.
  return basket.lines.reduce((sum, l) => (l.reported ? sum + l.amountMinor : sum), 0) as Minor;
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
