import { CloudOff, TriangleAlert } from 'lucide-react';
import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import type { PurchaseRow, PurchasesView, Refund } from '../../../../shared/model/purchase.schema.ts';
import { isUnanswered } from '../../../../shared/model/purchase.ts';
import { toldStatusOf } from '../../../../shared/model/told-money.ts';
import type { Countdown } from '../../../../shared/model/visit.schema.ts';
import { useKiosk, useMoney, useText } from '../../kiosk/context.ts';
import { formatDateTime } from '../../../../shared/i18n/format.ts';
import { Banner } from '../../ui/banner.tsx';
import { ActionButton, ButtonRow } from '../../ui/buttons.tsx';
import { Card } from '../../ui/card.tsx';
import { InCurrency } from '../../ui/in-currency.tsx';
import { Money } from '../../ui/money.tsx';
import { ProductPicture } from '../../ui/product-picture.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { ScrollArea } from '../../ui/scroll-area.tsx';
import { tones } from '../../ui/tones.ts';
import { statusStyles } from '../receipt/status-note.tsx';
import { MenuButton } from './menu-button.tsx';

type ListView = Extract<PurchasesView, { phase: 'purchases' }>;

/** What the member has bought, newest first; what is known here stands there before the operator has answered. */
export function PurchasesPage({ account, countdown }: { account: ListView; countdown: Countdown }) {
  const { t } = useTranslation();
  const { intents, snapshot } = useKiosk();
  const { list, isOld, rows } = account;
  const needsCode = list === 'ended' && snapshot.online;
  const back = <MenuButton countdown={countdown}>{t('purchases.back')}</MenuButton>;
  return (
    <ScreenLayout
      screen="account"
      reason={`purchases-${list}`}
      title={t('purchases.title')}
      lead={
        isUnanswered(list) ? (
          <Banner tone="amber" icon={list === 'network' ? CloudOff : TriangleAlert}>
            {t(isOld ? `purchases.old.${list}` : `purchases.list.${list}`)}
          </Banner>
        ) : (
          (list === 'loading' || rows.length > 0) && t(`purchases.list.${list}`)
        )
      }
      footer={
        isUnanswered(list) ? (
          <ButtonRow>
            {back}
            {needsCode ? (
              <ActionButton testId="action-choose-account" onPress={intents.chooseAccount}>
                {t('purchases.scanAgain')}
              </ActionButton>
            ) : (
              <ActionButton testId="action-purchases" onPress={() => intents.account({ do: 'purchases' })}>
                {t('purchases.again')}
              </ActionButton>
            )}
          </ButtonRow>
        ) : (
          back
        )
      }
    >
      <Rows rows={rows} list={list} isOld={isOld} />
    </ScreenLayout>
  );
}

function Rows({ rows, list, isOld }: Pick<ListView, 'rows' | 'list' | 'isOld'>) {
  const { t } = useTranslation();
  if (rows.length === 0 && list === 'loading') return null;
  return (
    <Card as="article" className="flex max-h-full flex-col overflow-hidden">
      <ScrollArea label={t('purchases.title')} className="min-h-0 flex-1 px-28 py-12">
        {rows.length === 0 ? (
          <p className="px-16 py-32 text-body text-soft">
            {t(list === 'complete' || isOld ? 'purchases.none' : 'purchases.noneHere')}
          </p>
        ) : (
          <ul className="divide-y-2 divide-line">
            {rows.map((row) => (
              <Row key={row.chargeId} row={row} />
            ))}
          </ul>
        )}
      </ScrollArea>
    </Card>
  );
}

function Row({ row }: { row: PurchaseRow }) {
  const { t } = useTranslation();
  const text = useText();
  const { intents, language } = useKiosk();
  const { chargeId, atMs, billedMinor, names, itemCount } = row;
  const note = noteOf(row);
  const status = toldStatusOf(row.status, billedMinor);
  const { tone, icon: Icon } = statusStyles[status];
  const first = names[0];
  const name = first === undefined ? t('purchases.nameless') : text(first);
  const goods = names.length > 1 ? t('purchases.more', { name, count: itemCount }) : name;
  return (
    <li>
      <Button
        data-testid={`purchase-${chargeId}`}
        onPress={() => intents.account({ do: 'purchase', chargeId })}
        className="flex min-h-152 w-full items-center gap-24 rounded-tile px-16 py-16 text-left data-pressed:bg-sunk"
      >
        <ProductPicture name={row.picture} frame="tile" className="size-96 shrink-0 p-6! big:hidden" />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-24">
            <span className="min-w-0 flex-1 text-label leading-snug font-semibold text-ink">
              {goods}
              {names.length === 1 && (
                <span className="ml-14 font-normal whitespace-nowrap text-soft">×{itemCount}</span>
              )}
            </span>
            {billedMinor > 0 && (
              <InCurrency currency={row.currency}>
                <Money amount={billedMinor} className="text-body font-semibold text-ink" />
              </InCurrency>
            )}
          </span>
          <span className="mt-8 flex flex-wrap items-center justify-between gap-x-24 gap-y-4 text-small leading-snug">
            <span className="tabular text-soft">{formatDateTime(atMs, language)}</span>
            <span className={`flex items-center gap-10 font-semibold ${tones[tone].ink}`}>
              <Icon className="size-34 shrink-0" aria-hidden="true" />
              {t(`receipt.status.${status}.chip`)}
            </span>
          </span>
          <WhyNotDone row={row} />
          {row.refund !== undefined && (
            <InCurrency currency={row.currency}>
              <GoesBack refund={row.refund} />
            </InCurrency>
          )}
          {note !== null && (
            <span className="mt-4 block text-small leading-snug text-amber-ink">{t(note)}</span>
          )}
        </span>
      </Button>
    </li>
  );
}

/** Of one that is not done: why, who acts next, and when. */
function WhyNotDone({ row: { status, reason, when } }: { row: PurchaseRow }) {
  const { t } = useTranslation();
  if (when === null || !isUndone(status)) return null;
  return (
    <span data-testid="purchase-why" className="mt-4 block text-small leading-snug text-ink">
      {reason !== null && `${t(`receipt.words.${reason}.why`)} · `}
      {t(`purchases.rowNext.${when}`)}
    </span>
  );
}

function GoesBack({ refund: { stage, amountMinor } }: { refund: Refund }) {
  const { t } = useTranslation();
  const money = useMoney();
  return (
    <span data-testid="purchase-goes-back" className="mt-4 block text-small leading-snug text-ink">
      {t(`purchases.rowRefund.${stage}`, { amount: money(amountMinor).text })}
    </span>
  );
}

function isUndone(status: PurchaseRow['status']): boolean {
  return status === 'sending' || status === 'follows' || status === 'collecting' || status === 'review';
}

/** What is said of a report; null: there is nothing to say. */
function noteOf({ disputed, isReportRefused, hasDraft }: PurchaseRow) {
  if (isReportRefused) return 'purchases.notTaken';
  if (disputed) return 'purchases.disputed';
  return hasDraft ? 'purchases.draft' : null;
}
