import { useTranslation } from 'react-i18next';
import { isFreeBill, savedMinorOf } from '../../../../shared/model/charge-lines.ts';
import type { ToldMoney } from '../../../../shared/model/told-money.ts';
import type { Receipt } from '../../../../shared/model/visit.schema.ts';
import { phonePlaces } from '../../../../shared/phone/calls.ts';
import { useKiosk, useMoney } from '../../kiosk/context.ts';
import { formatDateTime } from '../../../../shared/i18n/format.ts';
import { Card } from '../../ui/card.tsx';
import { Money } from '../../ui/money.tsx';
import { Qr } from '../../ui/qr.tsx';
import { Saved } from '../../ui/saved.tsx';
import { ReceiptLines } from './receipt-lines.tsx';

interface ReceiptCardProps {
  readonly receipt: Pick<
    Receipt,
    'chargeId' | 'ref' | 'lines' | 'heldLines' | 'disputed' | 'refused' | 'totalMinor' | 'atMs'
  >;
  readonly told: ToldMoney;
  readonly place: string;
}

/** Lines, total and all that customer service would ask for. */
export function ReceiptCard({ receipt, told, place }: ReceiptCardProps) {
  const { t } = useTranslation();
  const saved = savedMinorOf(receipt.lines);
  return (
    <Card as="article" className="flex max-h-full min-h-0 flex-col">
      <ReceiptLines receipt={receipt} told={told} />
      <div className="mx-44 flex items-baseline justify-between border-t-4 border-dotted border-line pt-24 pb-20">
        <span className="text-heading font-bold">{t('receipt.total')}</span>
        <span data-testid="basket-total">
          <Money
            amount={receipt.totalMinor}
            className="text-[calc(var(--tu)*72)] leading-tight font-extrabold"
          />
        </span>
      </div>
      {saved > 0 && (
        <div className="mx-44 pb-20">
          <Saved savedMinor={saved} isFree={isFreeBill(receipt.lines, receipt.totalMinor)} />
        </div>
      )}
      {told.beside !== null && (
        <div
          data-testid="billed"
          className="mx-44 flex items-baseline justify-between pb-20 text-label font-semibold text-amber-ink"
        >
          <span>{t(`receipt.${told.beside}`)}</span>
          <Money amount={told.amountMinor} flat />
        </div>
      )}
      <Facts receipt={receipt} told={told} place={place} />
    </Card>
  );
}

/** Number, time, place, phone, and the same as a QR code to take away. */
function Facts({ receipt, told, place }: ReceiptCardProps) {
  const { t } = useTranslation();
  const money = useMoney();
  const { snapshot, language } = useKiosk();
  const { cabinet } = snapshot;
  const facts = {
    ref: receipt.ref,
    money: t(`receipt.status.${told.status}.title`, { amount: money(told.amountMinor).text }),
    time: formatDateTime(receipt.atMs, language),
    place,
    phone: cabinet.servicePhone,
  };
  // A phone's own camera opens what is an address and nothing else.
  const { phonePage } = cabinet;
  const qrText =
    phonePage === undefined
      ? t('receipt.qrText', facts)
      : `${phonePage}${phonePlaces.receipt}#${receipt.chargeId}`;
  return (
    <div className="flex items-center gap-36 rounded-b-card bg-sunk px-44 py-32 landscape:py-24">
      <dl className="grid min-w-0 flex-1 grid-cols-[auto_1fr] gap-x-28 gap-y-6 text-small leading-snug">
        <dt className="text-soft">{t('receipt.ref')}</dt>
        <dd className="tabular font-bold">{facts.ref}</dd>
        <dt className="text-soft">{t('receipt.time')}</dt>
        <dd className="tabular">{facts.time}</dd>
        <dt className="text-soft">{t('receipt.place')}</dt>
        <dd>{facts.place}</dd>
        <dt className="text-soft">{t('receipt.phone')}</dt>
        <dd className="tabular">{facts.phone}</dd>
      </dl>
      <figure className="shrink-0 text-center">
        <Qr
          text={qrText}
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
