import type { Minor } from '../../../shared/money.ts';
import { useMoney } from '../kiosk/context.ts';

/** An amount with its symbol a little smaller and all figures equally wide. */
export function Money({ amount, className = '' }: { amount: Minor; className?: string }) {
  const parts = useMoney()(amount);
  return (
    <span className={`tabular whitespace-nowrap ${className}`}>
      <span className="mr-[0.08em] text-[0.62em] font-semibold">{parts.symbol}</span>
      {parts.number}
    </span>
  );
}
