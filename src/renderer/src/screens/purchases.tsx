import { CloudOff, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import type { PurchaseRow, PurchasesView } from '../../../shared/model/purchase.ts';
import type { Countdown } from '../../../shared/model/visit.ts';
import { Action, Actions } from '../components/action.tsx';
import { Banner } from '../components/banner.tsx';
import { InCurrency } from '../components/in-currency.tsx';
import { BackToMenu } from '../components/leave.tsx';
import { Money } from '../components/money.tsx';
import { ProductPicture } from '../components/product-picture.tsx';
import { Stage } from '../components/stage.tsx';
import { statusInks, statusLooks } from '../components/status-note.tsx';
import { useKiosk, useText } from '../kiosk/context.ts';
import { formatDateTime } from '../kiosk/format.ts';
import { useMoreBelow } from '../kiosk/use-environment.ts';

type ListView = Extract<PurchasesView, { phase: 'purchases' }>;

/** What the member has bought, newest first; what is known here stands there before the operator has answered. */
export function PurchasesScreen({ account, countdown }: { account: ListView; countdown: Countdown }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const { list, rows } = account;
  const isWhole = list === 'complete' || list === 'loading';
  const back = <BackToMenu countdown={countdown}>{t('purchases.back')}</BackToMenu>;
  return (
    <Stage
      screen="account"
      reason={`purchases-${list}`}
      title={t('purchases.title')}
      lead={
        isWhole ? (
          (list === 'loading' || rows.length > 0) && t(`purchases.list.${list}`)
        ) : (
          <Banner tone="amber" icon={list === 'network' ? CloudOff : TriangleAlert}>
            {t(`purchases.list.${list}`)}
          </Banner>
        )
      }
      foot={
        isWhole ? (
          back
        ) : (
          <Actions>
            {back}
            <Action testId="action-purchases" onPress={() => intents.account({ do: 'purchases' })}>
              {t('purchases.again')}
            </Action>
          </Actions>
        )
      }
    >
      <Rows rows={rows} list={list} />
    </Stage>
  );
}

function Rows({ rows, list }: Pick<ListView, 'rows' | 'list'>) {
  const { t } = useTranslation();
  const [box, setBox] = useState<HTMLElement | null>(null);
  const more = useMoreBelow(box);
  if (rows.length === 0 && list === 'loading') return null;
  return (
    <article className="flex max-h-full flex-col overflow-hidden rounded-card bg-card shadow-card ring-2 ring-line ring-inset">
      <div
        ref={setBox}
        role="region"
        aria-label={t('purchases.title')}
        tabIndex={0}
        className={`scroll min-h-0 flex-1 px-28 py-12 ${more ? 'fade-more' : ''}`}
      >
        {rows.length === 0 ? (
          <p className="px-16 py-32 text-body text-soft">
            {t(list === 'complete' ? 'purchases.none' : 'purchases.noneHere')}
          </p>
        ) : (
          <ul className="divide-y-2 divide-line">
            {rows.map((row) => (
              <Row key={row.chargeId} row={row} />
            ))}
          </ul>
        )}
      </div>
    </article>
  );
}

function Row({ row }: { row: PurchaseRow }) {
  const { t } = useTranslation();
  const text = useText();
  const { intents, language } = useKiosk();
  const { chargeId, atMs, status, names, itemCount, disputed } = row;
  const { tone, icon: Icon } = statusLooks[status];
  const first = names[0];
  const name = first === undefined ? t('purchases.nameless') : text(first);
  const goods = names.length > 1 ? t('purchases.more', { name, count: itemCount }) : name;
  return (
    <li>
      <Button
        data-testid={`purchase-${chargeId}`}
        onPress={() => intents.account({ do: 'purchase', chargeId })}
        className="flex min-h-152 w-full items-center gap-24 rounded-tile px-16 py-16 text-left active:bg-sunk"
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
            <InCurrency currency={row.currency}>
              <Money amount={row.billedMinor} className="text-body font-semibold text-ink" />
            </InCurrency>
          </span>
          <span className="mt-8 flex flex-wrap items-center justify-between gap-x-24 gap-y-4 text-small leading-snug">
            <span className="tabular text-soft">{formatDateTime(atMs, language)}</span>
            <span className={`flex items-center gap-10 font-semibold ${statusInks[tone]}`}>
              <Icon className="size-34 shrink-0" aria-hidden="true" />
              {t(`receipt.status.${status}.chip`)}
            </span>
          </span>
          {disputed && (
            <span className="mt-4 block text-small leading-snug text-amber-ink">
              {t('purchases.disputed')}
            </span>
          )}
        </span>
      </Button>
    </li>
  );
}
