import type { Minor } from '../../../shared/money.ts';
import { useMoney } from '../kiosk/context.ts';

/** An amount, all figures equally wide. In large type the symbol steps back a little, and where the amount is
 * struck out (too small to be struck well) stays as it is; `flat` keeps small type legible. */
export function Money({
  amount,
  className = '',
  flat = false,
}: {
  amount: Minor;
  className?: string;
  flat?: boolean;
}) {
  const parts = useMoney()(amount);
  return (
    <span className={`tabular whitespace-nowrap ${className}`}>
      <span className={flat ? '' : 'mr-[0.08em] inline-block text-[0.62em] font-semibold'}>
        {parts.symbol}
      </span>
      {parts.number}
    </span>
  );
}
