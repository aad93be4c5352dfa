import { Check, CircleCheck, Clock3, CreditCard, Eye, Send, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ReasonCode, ReceiptStatus } from '../../../../shared/model/charge.ts';
import { type Tone, toneClass } from '../../ui/tones.ts';

interface StatusStyle {
  readonly tone: Tone;
  readonly icon: LucideIcon;
  readonly sign: LucideIcon;
}
/** How each state of the money looks, wherever it is told. */
export const statusStyles: Readonly<Record<ReceiptStatus, StatusStyle>> = {
  paid: { tone: 'jade', icon: CircleCheck, sign: Check },
  sending: { tone: 'jade', icon: Send, sign: Check },
  follows: { tone: 'amber', icon: Clock3, sign: Check },
  collecting: { tone: 'cinnabar', icon: CreditCard, sign: CreditCard },
  review: { tone: 'amber', icon: Eye, sign: Check },
  nothing: { tone: 'jade', icon: CircleCheck, sign: Check },
};

/** Where the money is, why, and what happens next (unless `quiet`: something else says that). */
export function StatusNote({
  status,
  reason,
  quiet,
}: {
  status: ReceiptStatus;
  reason: ReasonCode | null;
  quiet: boolean;
}) {
  const { t } = useTranslation();
  const { tone, icon: Icon } = statusStyles[status];
  return (
    <div
      data-testid="receipt-status"
      data-status={status}
      className={
        `mt-28 flex gap-28 rounded-card px-36 py-28 landscape:mt-16 ` +
        `landscape:gap-22 landscape:px-30 landscape:py-24 ${toneClass(tone)}`
      }
    >
      <Icon className="mt-4 size-48 shrink-0" aria-hidden="true" />
      <div className="min-w-0 flex-1">
        <p className="text-body leading-tight font-bold">
          {t(`receipt.status.${status}.chip`)}
          {reason !== null && <span className="font-medium"> · {t(`receipt.words.${reason}.why`)}</span>}
        </p>
        {!quiet && (
          <p className="mt-8 text-label leading-snug text-ink">
            {reason === null ? t(`receipt.status.${status}.note`) : t(`receipt.words.${reason}.next`)}
          </p>
        )}
      </div>
    </div>
  );
}
