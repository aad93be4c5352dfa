import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { AccountView } from '../../../../shared/model/face-view.schema.ts';
import type { Countdown } from '../../../../shared/model/visit.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { formatDateTime, unbroken } from '../../kiosk/format.ts';
import { Card } from '../../ui/card.tsx';
import { Qr } from '../../ui/qr.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { ScrollArea } from '../../ui/scroll-area.tsx';
import { MenuButton } from './menu-button.tsx';

/** Bytes that a QR of version 40 at level M holds (ISO/IEC 18004, table 7). */
const qrBytesMax = 2_331;

/** What was done with the member's face data; to read here, and to take away. */
export function RecordsPage({
  account,
  countdown,
}: {
  account: Extract<AccountView, { phase: 'records' }>;
  countdown: Countdown;
}) {
  const { t } = useTranslation();
  return (
    <ScreenLayout
      screen="account"
      reason="records"
      title={t('account.records.title')}
      lead={t('account.records.lead')}
      footer={<MenuButton countdown={countdown}>{t('account.back')}</MenuButton>}
    >
      <Card as="article" className="flex max-h-full flex-col landscape:flex-row">
        <RecordList records={account.records} />
        {account.records.length > 0 && <TakeAway text={account.text} />}
      </Card>
    </ScreenLayout>
  );
}

function RecordList({ records }: { records: Extract<AccountView, { phase: 'records' }>['records'] }) {
  const { t } = useTranslation();
  const { language } = useKiosk();
  return (
    <ScrollArea label={t('account.records.list')} className="min-h-0 flex-1 px-44 py-20">
      {records.length === 0 ? (
        <p className="py-24 text-body text-soft">{t('account.records.none')}</p>
      ) : (
        <ul className="divide-y-2 divide-line">
          {records.map((record, i) => (
            <li key={i} data-testid={`record-${record.kind}`} className="py-18 text-label leading-snug">
              <p className="flex flex-wrap items-baseline justify-between gap-x-28">
                <span className="font-semibold">{t(`account.records.kinds.${record.kind}`)}</span>
                <span className="tabular text-small text-soft">{formatDateTime(record.atMs, language)}</span>
              </p>
              {record.consentVersion !== null && (
                <p className="text-small text-soft">
                  {t('account.consent.version', { version: record.consentVersion })}
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
    </ScrollArea>
  );
}

function TakeAway({ text }: { text: string }) {
  const { t } = useTranslation();
  const { cabinet } = useKiosk().snapshot;
  const fits = useMemo(() => new TextEncoder().encode(text).length <= qrBytesMax, [text]);
  return (
    <figure
      className={
        'flex shrink-0 items-center gap-36 rounded-b-card bg-sunk px-44 py-32 landscape:w-560 ' +
        'landscape:flex-col-reverse landscape:justify-center landscape:rounded-l-none ' +
        'landscape:rounded-r-card landscape:px-32 landscape:text-center'
      }
    >
      <figcaption className="min-w-0 text-label portrait:flex-1 leading-snug text-balance">
        {fits
          ? t('account.records.qr')
          : t('account.records.qrTooLong', { phone: unbroken(cabinet.servicePhone) })}
      </figcaption>
      {fits && (
        <Qr
          text={text}
          label={t('account.records.qrLabel')}
          className="size-560 shrink-0 rounded-tile landscape:size-496"
        />
      )}
    </figure>
  );
}
