import { Tag } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Discount } from '../../../shared/model/promotion.schema.ts';
import { minor } from '../../../shared/money.ts';
import { useMoney, useText } from '../kiosk/context.ts';

type WithDiscounts = { readonly discounts?: readonly Discount[] | undefined };

/** By which promotions a line costs less. Nothing where it does not. */
export function DiscountNames({ discounts = [] }: WithDiscounts) {
  const text = useText();
  const money = useMoney();
  if (discounts.length === 0) return null;
  return (
    <span className="block text-fine leading-snug font-medium text-jade-ink">
      {discounts.map(({ id, name, amountMinor }) => (
        <span key={id} className="block">
          {text(name)} <span className="whitespace-nowrap">−{money(amountMinor).text}</span>
        </span>
      ))}
    </span>
  );
}

/** How much is saved in all; of what is free, that it is counted and not charged. Nothing where nothing is. */
export function Saved({ savedMinor, isFree }: { savedMinor: number; isFree: boolean }) {
  const { t } = useTranslation();
  const money = useMoney();
  if (savedMinor <= 0 && !isFree) return null;
  return (
    <p
      data-testid="saved"
      className="flex items-center justify-end gap-12 text-right text-small font-semibold text-jade-ink"
    >
      <Tag className="size-32 shrink-0" aria-hidden="true" />
      {isFree ? t('receipt.freeCounted') : t('receipt.saved', { amount: money(minor(savedMinor)).text })}
    </p>
  );
}
