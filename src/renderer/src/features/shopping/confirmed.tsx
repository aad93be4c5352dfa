import { Check } from 'lucide-react';
import { useTranslation } from 'react-i18next';

/** Stands where the button stood: what was shown is confirmed, and what is left to do. */
export function Confirmed() {
  const { t } = useTranslation();
  return (
    <div
      role="status"
      data-testid="basket-confirmed"
      className="flex min-h-210 items-center gap-36 rounded-action bg-jade-soft px-48 py-24 text-jade-ink"
    >
      <span className="grid size-112 shrink-0 place-items-center rounded-full bg-jade text-on-jade">
        <Check className="size-64" strokeWidth={3} aria-hidden="true" />
      </span>
      <p className="leading-tight">
        <span className="block text-label font-medium">{t('shopping.confirmed')}</span>
        <b className="text-heading font-extrabold">{t('shopping.confirmedClose')}</b>
      </p>
    </div>
  );
}
