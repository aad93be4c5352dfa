import { Check, CircleCheck, Clock3, CreditCard, Eye, Send, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Receipt, ReceiptStatus, VisitView } from '../../../shared/model/visit.ts';
import { Action, Actions } from '../components/action.tsx';
import { Sign, type Tone } from '../components/banner.tsx';
import { DisputeNote, DisputePanel } from '../components/dispute.tsx';
import { Money } from '../components/money.tsx';
import { Qr } from '../components/qr.tsx';
import { ReceiptLines } from '../components/receipt-lines.tsx';
import { Ring } from '../components/ring.tsx';
import { Stage } from '../components/stage.tsx';
import { useKiosk, useMoney, useText } from '../kiosk/context.ts';
import { formatDateTime } from '../kiosk/format.ts';

interface Look {
  readonly tone: Tone;
  readonly icon: LucideIcon;
  readonly sign: LucideIcon;
}
const looks: Readonly<Record<ReceiptStatus, Look>> = {
  paid: { tone: 'jade', icon: CircleCheck, sign: Check },
  sending: { tone: 'jade', icon: Send, sign: Check },
  follows: { tone: 'amber', icon: Clock3, sign: Check },
  collecting: { tone: 'cinnabar', icon: CreditCard, sign: CreditCard },
  review: { tone: 'amber', icon: Eye, sign: Check },
  nothing: { tone: 'jade', icon: CircleCheck, sign: Check },
};

/** What was bought, what happens with the money, and all that customer service would ask for. */
export function ReceiptScreen({ view }: { view: Extract<VisitView, { screen: 'receipt' }> }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const { receipt } = view;
  const look = looks[receipt.status];
  const [reporting, setReporting] = useState(false);
  const reported = receipt.disputed.length > 0;
  if (reporting && !reported) return <ReportScreen view={view} onBack={() => setReporting(false)} />;
  const finish = (
    <Action testId="action-finish" onPress={intents.finish}>
      {t('receipt.finish')}
      <Ring
        countdown={view.countdown}
        size={84}
        width={9}
        className="text-on-jade"
        textClassName="text-[calc(var(--u)*34)]"
      />
    </Action>
  );
  const report = (): void => {
    intents.holdReceipt();
    setReporting(true);
  };
  return (
    <Stage
      screen="receipt"
      eyebrow={
        <Sign
          tone={receipt.status === 'collecting' ? 'cinnabar' : 'jade'}
          icon={look.sign}
          className="big:hidden"
        />
      }
      title={t(`receipt.status.${receipt.status}.title`)}
      lead={
        <>
          <StatusNote receipt={receipt} />
          {reported && <DisputeNote receipt={receipt} />}
        </>
      }
      foot={
        receipt.lines.length === 0 || reported ? (
          finish
        ) : (
          <Actions>
            <Action testId="action-dispute" kind="secondary" onPress={report}>
              {t('dispute.action')}
            </Action>
            {finish}
          </Actions>
        )
      }
    >
      <Paper receipt={receipt} />
    </Stage>
  );
}

/** In place of the receipt while the shopper marks what is wrong; main gives more time for it. */
function ReportScreen({
  view,
  onBack,
}: {
  view: Extract<VisitView, { screen: 'receipt' }>;
  onBack: () => void;
}) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const { receipt } = view;
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const mark = (sku: string, wrong: boolean): void => {
    setMarked((before) => new Set([...[...before].filter((s) => s !== sku), ...(wrong ? [sku] : [])]));
  };
  return (
    <Stage
      screen="receipt"
      title={t('dispute.title')}
      lead={t('dispute.lead')}
      foot={
        <Actions>
          <Action testId="action-dispute-back" kind="secondary" onPress={onBack}>
            {t('dispute.back')}
            <Ring
              countdown={view.countdown}
              size={84}
              width={9}
              className="text-ink"
              textClassName="text-[calc(var(--u)*34)]"
            />
          </Action>
          <Action
            testId="action-dispute-send"
            disabled={marked.size === 0}
            onPress={() => intents.dispute(receipt.chargeId, [...marked])}
          >
            {t('dispute.send')}
          </Action>
        </Actions>
      }
    >
      <DisputePanel lines={receipt.lines} marked={marked} onMark={mark} />
    </Stage>
  );
}

const notes: Readonly<Record<Tone, string>> = {
  jade: 'bg-jade-soft text-jade-ink',
  amber: 'bg-amber-soft text-amber-ink',
  cinnabar: 'bg-cinnabar-soft text-cinnabar-ink',
  plain: 'bg-sunk text-soft',
};

/** Where the money is, why, and what happens next (which the note on a report says when there is one). */
function StatusNote({ receipt }: { receipt: Receipt }) {
  const { t } = useTranslation();
  const { tone, icon: Icon } = looks[receipt.status];
  const { status, reason } = receipt;
  return (
    <div
      data-testid="receipt-status"
      data-status={status}
      className={`mt-28 flex gap-28 rounded-card px-36 py-28 landscape:mt-16 landscape:gap-22 landscape:px-30 landscape:py-24 ${notes[tone]}`}
    >
      <Icon className="mt-4 size-48 shrink-0" aria-hidden="true" />
      <div className="min-w-0 flex-1">
        <p className="text-body leading-tight font-bold">
          {t(`receipt.status.${status}.chip`)}
          {reason !== null && <span className="font-medium"> · {t(`receipt.words.${reason}.why`)}</span>}
        </p>
        {receipt.disputed.length === 0 && (
          <p className="mt-8 text-label leading-snug text-ink">
            {reason === null ? t(`receipt.status.${status}.note`) : t(`receipt.words.${reason}.next`)}
          </p>
        )}
      </div>
    </div>
  );
}

function Paper({ receipt }: { receipt: Receipt }) {
  const { t } = useTranslation();
  return (
    <article className="flex max-h-full flex-col rounded-card bg-card shadow-card ring-2 ring-line ring-inset">
      <ReceiptLines receipt={receipt} />
      <div className="mx-44 flex items-baseline justify-between border-t-4 border-dotted border-line pt-24 pb-20">
        <span className="text-heading font-bold">{t('receipt.total')}</span>
        <span data-testid="basket-total">
          <Money
            amount={receipt.totalMinor}
            className="text-[calc(var(--tu)*72)] leading-tight font-extrabold"
          />
        </span>
      </div>
      <Facts receipt={receipt} />
    </article>
  );
}

/** Number, time, place, phone, and the same as a QR code to take away. */
function Facts({ receipt }: { receipt: Receipt }) {
  const { t } = useTranslation();
  const text = useText();
  const money = useMoney();
  const { snapshot, language } = useKiosk();
  const { cabinet } = snapshot;
  const facts = {
    ref: receipt.ref,
    total: money(receipt.totalMinor).text,
    time: formatDateTime(receipt.atMs, language),
    place: text(cabinet.place),
    id: cabinet.id,
    phone: cabinet.servicePhone,
  };
  return (
    <div className="flex items-center gap-36 rounded-b-card bg-sunk px-44 py-32 landscape:py-24">
      <dl className="grid min-w-0 flex-1 grid-cols-[auto_1fr] gap-x-28 gap-y-6 text-small leading-snug">
        <dt className="text-soft">{t('receipt.ref')}</dt>
        <dd className="tabular font-bold">{facts.ref}</dd>
        <dt className="text-soft">{t('receipt.time')}</dt>
        <dd className="tabular">{facts.time}</dd>
        <dt className="text-soft">{t('receipt.place')}</dt>
        <dd>
          {facts.place} · {facts.id}
        </dd>
        <dt className="text-soft">{t('receipt.phone')}</dt>
        <dd className="tabular">{facts.phone}</dd>
      </dl>
      <figure className="shrink-0 text-center">
        <Qr
          text={t('receipt.qrText', facts)}
          label={t('receipt.qrLabel', { ref: receipt.ref })}
          className="size-216 rounded-tile landscape:size-176"
        />
        <figcaption className="mt-10 text-fine leading-tight text-soft big:text-[calc(var(--tu)*24)]">
          {t('receipt.qr')}
        </figcaption>
      </figure>
    </div>
  );
}
