import { useTranslation } from 'react-i18next';
import type { AccountView } from '../../../../shared/model/face-view.schema.ts';
import type { Countdown } from '../../../../shared/model/visit.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { formatDateTime, unbroken } from '../../../../shared/i18n/format.ts';
import { Card } from '../../ui/card.tsx';
import { Qr } from '../../ui/qr.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { ScrollArea } from '../../ui/scroll-area.tsx';
import { MenuButton } from './menu-button.tsx';

type RecordsView = Extract<AccountView, { phase: 'records' }>;

/** What was done with the member's face data; to read here, and to take away. */
export function RecordsPage({ account, countdown }: { account: RecordsView; countdown: Countdown }) {
  const { t } = useTranslation();
  const { records, count } = account;
  return (
    <ScreenLayout
      screen="account"
      reason="records"
      title={t('account.records.title')}
      lead={
        records.length < count
          ? t('account.records.leadPart', { shown: records.length, all: count })
          : t('account.records.lead')
      }
      footer={<MenuButton countdown={countdown}>{t('account.back')}</MenuButton>}
    >
      <Card as="article" className="flex max-h-full flex-col landscape:flex-row">
        <RecordList records={records} />
        {records.length > 0 && <TakeAway account={account} />}
      </Card>
    </ScreenLayout>
  );
}

function RecordList({ records }: Pick<RecordsView, 'records'>) {
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

function TakeAway({ account: { count, text, textCount } }: { account: RecordsView }) {
  const { t } = useTranslation();
  const { cabinet } = useKiosk().snapshot;
  const part = { taken: textCount, all: count, phone: unbroken(cabinet.servicePhone) };
  const isWhole = textCount === count;
  return (
    <figure
      className={
        'flex shrink-0 items-center gap-36 rounded-b-card bg-sunk px-44 py-32 landscape:w-560 ' +
        'landscape:flex-col-reverse landscape:justify-center landscape:rounded-l-none ' +
        'landscape:rounded-r-card landscape:px-32 landscape:text-center'
      }
    >
      <figcaption className="min-w-0 text-label portrait:flex-1 leading-snug text-balance">
        {isWhole ? t('account.records.qr') : t('account.records.qrPart', part)}
      </figcaption>
      <Qr
        text={text}
        label={isWhole ? t('account.records.qrLabel') : t('account.records.qrPartLabel', part)}
        className="size-560 shrink-0 rounded-tile landscape:size-496"
      />
    </figure>
  );
}
