import {
  Check,
  CircleCheck,
  CircleSlash,
  Clock3,
  CreditCard,
  Eye,
  Send,
  Undo2,
  type LucideIcon,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { PaymentMeans } from '../../../../shared/model/member.ts';
import type { ToldMoney, ToldStatus } from '../../../../shared/model/told-money.ts';
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
export const statusStyles: Readonly<Record<ToldStatus, StatusStyle>> = {
  paid: { tone: 'jade', icon: CircleCheck, sign: Check, signTone: 'jade' },
  sending: { tone: 'jade', icon: Send, sign: Check, signTone: 'jade' },
  follows: { tone: 'amber', icon: Clock3, sign: Check, signTone: 'jade' },
  collecting: { tone: 'cinnabar', icon: CreditCard, sign: CreditCard, signTone: 'cinnabar' },
  review: { tone: 'amber', icon: Eye, sign: Eye, signTone: 'amber' },
  nothing: { tone: 'jade', icon: CircleCheck, sign: CircleSlash, signTone: 'jade' },
  settled: { tone: 'jade', icon: CircleCheck, sign: Check, signTone: 'jade' },
  refunded: { tone: 'jade', icon: Undo2, sign: Undo2, signTone: 'jade' },
};

interface StatusNoteProps {
  readonly told: ToldMoney;
  /** Who pays; empty where it is the one who looks. */
  readonly member: string;
  /** By what; missing: nobody has told. */
  readonly means?: PaymentMeans | undefined;
  /** All of it was given for nothing. */
  readonly isFree?: boolean;
}

/** Where the money is, why, and what happens next (unless a report says that). */
export function StatusNote({ told, member, means, isFree = false }: StatusNoteProps) {
  const money = useMoney();
  const { status, reason, report, amountMinor, heldMinor, mayBeCharged } = told;
  const { t } = useTranslation();
  const account = member === '' ? t('receipt.yourAccount') : t('receipt.accountOf', { member });
  const facts = { account, amount: money(amountMinor).text };
  const { tone, icon: Icon } = statusStyles[status];
  const isPartHeld = told.held === 'held' && status !== 'review';
  // That a part is held says more of it than the reason does, and leaves room for what becomes of the rest.
  const ofStatus = mayBeCharged ? t('receipt.mayBeCharged') : t(`receipt.status.${status}.note`, facts);
  const note =
    status === 'paid' && means !== undefined && member !== ''
      ? t('receipt.paidBy', { ...facts, member, means: t(`receipt.means.${means}`) })
      : ofStatus;
  const next = reason === null || isPartHeld ? note : t(`receipt.words.${reason}.next`);
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
          {isFree ? t('receipt.freeTitle') : t(`receipt.status.${status}.chip`)}
          {reason !== null && <span className="font-medium"> · {t(`receipt.words.${reason}.why`)}</span>}
        </p>
        {report === null && (
          <p className="mt-8 text-label leading-snug text-ink">
            {isFree && reason === null ? t('receipt.freeCounted') : next}
          </p>
        )}
        {isPartHeld && (
          <p data-testid="receipt-held-part" className="mt-8 text-label leading-snug text-ink">
            {t('receipt.heldPart', { amount: money(heldMinor).text })}
          </p>
        )}
      </div>
    </div>
  );
}
