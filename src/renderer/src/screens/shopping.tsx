import {
  BellRing,
  DoorOpen,
  HandHeart,
  RotateCcw,
  TriangleAlert,
  Unplug,
  UserRoundCheck,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Basket } from '../../../shared/model/basket.ts';
import { sumMinor } from '../../../shared/money.ts';
import type { VisitView } from '../../../shared/model/visit.ts';
import { Action } from '../components/action.tsx';
import { Banner } from '../components/banner.tsx';
import { BasketList } from '../components/basket-list.tsx';
import { Confirmed } from '../components/confirmed.tsx';
import { Money } from '../components/money.tsx';
import { Stage } from '../components/stage.tsx';
import { DoorStatus } from '../components/door-status.tsx';
import { EmptyShelf } from '../drawings/empty-shelf.tsx';
import { useKiosk, useMoney, useText } from '../kiosk/context.ts';

type ShoppingView = Extract<VisitView, { screen: 'shopping' }>;

/** The basket as it is now, what it costs, and the confirmation. */
export function ShoppingScreen({ view }: { view: ShoppingView }) {
  const { t } = useTranslation();
  const { basket } = view;
  const empty = basket.lines.length === 0 && basket.foreign.length === 0 && basket.unknownTakenCount === 0;
  return (
    <Stage
      screen="shopping"
      title={empty ? t('shopping.emptyTitle') : t('shopping.title')}
      lead={empty ? t('shopping.emptyLead') : t('shopping.lead')}
      status={<DoorStatus open />}
      foot={<Foot view={view} empty={basket.itemCount === 0} />}
    >
      <div className="flex h-full flex-col gap-20">
        <Warnings view={view} />
        <div className="min-h-0 flex-1">{empty ? <EmptyShelf /> : <BasketList basket={basket} report />}</div>
      </div>
    </Stage>
  );
}

/** At most one warning and one answer at a time, the graver first. */
function Warnings({ view }: { view: ShoppingView }) {
  const { t } = useTranslation();
  const text = useText();
  const { notice } = useKiosk();
  return (
    <>
      {view.ajarLevel === 1 && (
        <Banner tone="plain" icon={DoorOpen}>
          {t('shopping.ajar1')}
        </Banner>
      )}
      {view.ajarLevel === 2 && (
        <Banner tone="amber" icon={BellRing}>
          {t('shopping.ajar2')}
        </Banner>
      )}
      {view.ajarLevel === 3 && (
        <Banner tone="cinnabar" icon={UserRoundCheck}>
          {t('shopping.ajar3')}
        </Banner>
      )}
      {view.readerTrouble && (
        <Banner tone="amber" icon={Unplug}>
          {t('shopping.readerTrouble')}
        </Banner>
      )}
      {notice?.kind === 'put_back' && (
        <Banner tone="jade" icon={HandHeart}>
          {notice.names.length === 1 && notice.names[0] !== undefined
            ? t('shopping.putBack', { name: text(notice.names[0]) })
            : t('shopping.putBackMany')}
        </Banner>
      )}
      {notice?.kind === 'taken_back' && (
        <Banner tone="amber" icon={RotateCcw}>
          {t('shopping.takenBack')}
        </Banner>
      )}
      {notice?.kind === 'stale' && (
        <Banner tone="amber" icon={TriangleAlert}>
          {t('notice.stale')}
        </Banner>
      )}
    </>
  );
}

function Foot({ view, empty }: { view: ShoppingView; empty: boolean }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const { basket, confirmed } = view;
  return (
    <div>
      <Total basket={basket} />
      {confirmed ? (
        <Confirmed />
      ) : (
        <>
          <Action testId="action-confirm" disabled={empty} onPress={() => intents.confirm(basket.revision)}>
            {t('shopping.confirm')}
          </Action>
          <p className="mt-22 text-center text-small text-soft">
            {empty ? t('shopping.emptyNote') : t('shopping.afterClose')}
          </p>
        </>
      )}
    </div>
  );
}

/** How much it all is; and how much of it is not charged until somebody has looked. */
export function Total({ basket }: { basket: Basket }) {
  const { t } = useTranslation();
  const money = useMoney();
  const held = sumMinor(basket.lines.filter((l) => l.reported).map((l) => l.amountMinor));
  return (
    <div className="mb-28 border-t-3 border-line pt-20">
      <div className="flex flex-wrap items-baseline justify-between gap-x-20">
        <span className="text-body text-soft">{t('shopping.items', { count: basket.itemCount })}</span>
        <span data-testid="basket-total">
          <Money
            amount={basket.totalMinor}
            className="text-total leading-[1.05] font-extrabold tracking-[-0.02em]"
          />
        </span>
      </div>
      {held > 0 && (
        <p className="text-right text-small font-medium text-amber-ink">
          {t('shopping.heldPart', { amount: money(held).text })}
        </p>
      )}
    </div>
  );
}
