import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDateTime, formatMoney } from '../../../../shared/i18n/format.ts';
import { type ReasonCode, causeOf } from '../../../../shared/model/charge.ts';
import type { OfficeView } from '../../../../shared/model/service-office.schema.ts';
import { askReasons } from '../../../../shared/model/service-order.ts';
import { minor } from '../../../../shared/money.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { ActionButton } from '../../ui/buttons.tsx';
import { Fact, Last, Panel, type RoomProps } from './room-parts.tsx';

type ShownCharge = OfficeView['charges'][number];

/** What is not settled, by cause and one by one, of nobody by name. No cabinet decides about money: it sends, and asks. */
export function ChargesRoom({ view, calls }: RoomProps) {
  const { t } = useTranslation();
  const { language } = useKiosk();
  const whyOf = useWhy();
  const [chosen, setChosen] = useState<ShownCharge | null>(null);
  const { charges, office, sessionId, isBusy } = view;
  if (chosen !== null)
    return (
      <Panel>
        <ChargeLine charge={chosen} />
        <p className="text-label text-soft">{t('serviceMode.office.askEffect')}</p>
        {askReasons.map((why) => (
          <ActionButton
            key={why}
            testId={`action-ask-${why}`}
            kind="secondary"
            disabled={isBusy}
            onPress={() => {
              void calls.order({ sessionId, order: { act: 'askOffice', chargeId: chosen.chargeId, why } });
              setChosen(null);
            }}
          >
            {t(`serviceMode.office.askWhy.${why}`)}
          </ActionButton>
        ))}
        <ActionButton testId="action-ask-back" kind="secondary" onPress={() => setChosen(null)}>
          {t('serviceMode.back')}
        </ActionButton>
      </Panel>
    );
  return (
    <Panel>
      <Fact
        label={t('serviceMode.unsettled')}
        value={charges === null ? '—' : String(charges.unsettledCount)}
      />
      {typeof charges?.oldestAtMs === 'number' && (
        <Fact label={t('serviceMode.oldest')} value={formatDateTime(charges.oldestAtMs, language)} />
      )}
      {office?.groups.map(({ state, reason, count }) => (
        <Fact key={`${state} ${reason}`} label={whyOf(state, reason)} value={String(count)} />
      ))}
      <p className="text-label text-soft">{t('serviceMode.sendEffect')}</p>
      <ActionButton
        testId="action-send-charges"
        disabled={isBusy}
        onPress={() => void calls.sendCharges({ sessionId })}
      >
        {t('serviceMode.send')}
      </ActionButton>
      <Last view={view} of={['sendCharges', 'askOffice']} />
      {(office?.charges ?? []).map((charge) => (
        <div key={charge.chargeId} className="flex flex-col gap-12 border-b-2 border-line pb-16">
          <ChargeLine charge={charge} />
          <ActionButton
            testId={`action-ask-${charge.chargeId}`}
            kind="secondary"
            disabled={isBusy}
            onPress={() => setChosen(charge)}
          >
            {t('serviceMode.office.ask')}
          </ActionButton>
        </div>
      ))}
    </Panel>
  );
}

function ChargeLine({ charge }: { charge: ShownCharge }) {
  const { language } = useKiosk();
  const whyOf = useWhy();
  const { chargeId, openedMs, state, reason, amountMinor, currency } = charge;
  const amount = amountMinor === null ? '—' : formatMoney(minor(amountMinor), currency, language).text;
  return (
    <div className="flex flex-col gap-4 text-label">
      <p className="flex justify-between gap-24">
        <span className="tabular">{formatDateTime(openedMs, language)}</span>
        <span className="tabular font-medium">{amount}</span>
      </p>
      <p>{whyOf(state, reason)}</p>
      <p className="text-small break-all text-soft">
        {chargeId}
        {reason === null ? '' : ` · ${reason}`}
      </p>
    </div>
  );
}

/** Where it stands, and which of the four causes is behind it. */
function useWhy(): (state: ShownCharge['state'], reason: ReasonCode | null) => string {
  const { t } = useTranslation();
  return (state, reason) => {
    const where = t(`serviceMode.office.state.${state}`);
    return reason === null ? where : `${where} · ${t(`serviceMode.office.cause.${causeOf(reason)}`)}`;
  };
}
