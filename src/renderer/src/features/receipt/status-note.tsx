import {
  Check,
  CircleCheck,
  CircleSlash,
  Clock3,
  CreditCard,
  Eye,
  Send,
  type LucideIcon,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ReceiptStatus } from '../../../../shared/model/charge.ts';
import type { Minor } from '../../../../shared/money.ts';
import type { Receipt } from '../../../../shared/model/visit.schema.ts';
import { useMoney } from '../../kiosk/context.ts';
import { type Tone, toneClass } from '../../ui/tones.ts';

interface StatusStyle {
  readonly tone: Tone;
  readonly icon: LucideIcon;
  /** Above the title: a tick only where all is done. */
  readonly sign: LucideIcon;
  readonly signTone: Tone;
}
/** How each state of the money looks, wherever it is told. */
export const statusStyles: Readonly<Record<ReceiptStatus, StatusStyle>> = {
  paid: { tone: 'jade', icon: CircleCheck, sign: Check, signTone: 'jade' },
  sending: { tone: 'jade', icon: Send, sign: Check, signTone: 'jade' },
  follows: { tone: 'amber', icon: Clock3, sign: Check, signTone: 'jade' },
  collecting: { tone: 'cinnabar', icon: CreditCard, sign: CreditCard, signTone: 'cinnabar' },
  review: { tone: 'amber', icon: Eye, sign: Eye, signTone: 'amber' },
  nothing: { tone: 'jade', icon: CircleCheck, sign: CircleSlash, signTone: 'jade' },
};

/**
 * Where the money is, why, and what happens next (unless `quiet`: something else says that). `member`: empty where the
 * one who looks is the one who pays.
 */
export function StatusNote({
  receipt,
  billedMinor,
  quiet,
}: {
  receipt: Pick<Receipt, 'status' | 'reason' | 'member'>;
  /** What was debited, or is to be. */
  billedMinor: Minor;
  quiet: boolean;
}) {
  const money = useMoney();
  const { status, reason, member } = receipt;
  const { t } = useTranslation();
  const account = member === '' ? t('receipt.yourAccount') : t('receipt.accountOf', { member });
  const facts = { account, amount: money(billedMinor).text };
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
            {reason === null ? t(`receipt.status.${status}.note`, facts) : t(`receipt.words.${reason}.next`)}
          </p>
        )}
      </div>
    </div>
  );
}
