import { useTranslation } from 'react-i18next';
import { formatDateTime } from '../../../../shared/i18n/format.ts';
import type { OfficeView } from '../../../../shared/model/service-office.schema.ts';
import { postponeHours } from '../../../../shared/model/service-order.ts';
import { useKiosk, useText } from '../../kiosk/context.ts';
import { ActionButton } from '../../ui/buttons.tsx';
import { ConfirmedAct } from './confirmed-act.tsx';
import { updateWhys, useOrderWords } from './order-words.ts';
import { Fact, Last, Panel, type RoomProps } from './room-parts.tsx';

/** What runs here and in which version; the update, and the end of the program. */
export function SystemRoom({ view, calls }: RoomProps) {
  const { t } = useTranslation();
  const wordsOf = useOrderWords();
  const text = useText();
  const { office, sessionId, isBusy } = view;
  if (office === null) return null;
  const { versions, update } = office;
  const order = (act: 'restartApp' | 'shutDown') => () => void calls.order({ sessionId, order: { act } });
  return (
    <Panel>
      <Last
        view={view}
        of={['updateNow', 'postponeUpdate', 'restartApp', 'shutDown']}
        words={wordsOf(view.last)}
      />
      <Fact label={t('serviceMode.office.version')} value={versions.app} />
      <Update view={view} calls={calls} update={update} />
      <Fact label={t('serviceMode.office.catalog')} value={versions.catalog ?? '—'} />
      <Fact label={t('serviceMode.office.policy')} value={String(versions.policy ?? '—')} />
      <Fact label={t('serviceMode.office.promotions')} value={String(versions.promotions?.version ?? '—')} />
      <Fact
        label={t('serviceMode.office.promotionsOn')}
        value={versions.promotions?.on.map(text).join(', ') || '—'}
      />
      <Fact label={t('serviceMode.office.settings')} value={String(versions.settings)} />
      <ConfirmedAct
        name="restart"
        label={t('serviceMode.office.restart')}
        effect={t('serviceMode.office.restartEffect')}
        disabled={isBusy}
        onDo={order('restartApp')}
      />
      <ConfirmedAct
        name="shut-down"
        label={t('serviceMode.office.shutDown')}
        effect={t('serviceMode.office.shutDownEffect')}
        disabled={isBusy}
        onDo={order('shutDown')}
      />
    </Panel>
  );
}

function Update({ view, calls, update }: RoomProps & { update: OfficeView['update'] }) {
  const { t } = useTranslation();
  const { language } = useKiosk();
  const { sessionId, isBusy } = view;
  if (update === null) return <Fact label={t('serviceMode.office.update')} value="—" />;
  const { state, wanted, running, slot, detail, failures, postponedUntilMs } = update;
  const why = updateWhys.find((one) => one === detail.split(':')[0]);
  return (
    <>
      <Fact label={t('serviceMode.office.slot')} value={slot.toUpperCase()} />
      <Fact label={t('serviceMode.office.update')} value={t(`serviceMode.office.updateState.${state}`)} />
      {wanted !== null && wanted !== running && (
        <>
          <Fact label={t('serviceMode.office.wanted')} value={wanted} />
          {detail !== '' && (
            <p className="text-small break-words text-soft">
              {why === undefined ? detail : t(`serviceMode.office.updateWhy.${why}`)}
            </p>
          )}
          {failures > 0 && <Fact label={t('serviceMode.office.failures')} value={String(failures)} />}
          {postponedUntilMs !== null && (
            <Fact
              label={t('serviceMode.office.postponedUntil')}
              value={formatDateTime(postponedUntilMs, language)}
            />
          )}
          <p className="text-label text-soft">{t('serviceMode.office.updateEffect')}</p>
          <ActionButton
            testId="action-update-now"
            disabled={isBusy}
            onPress={() => void calls.order({ sessionId, order: { act: 'updateNow' } })}
          >
            {t('serviceMode.office.updateNow')}
          </ActionButton>
          {postponeHours.map((hours) => (
            <ActionButton
              key={hours}
              testId={`action-postpone-${hours}`}
              kind="secondary"
              disabled={isBusy}
              onPress={() => void calls.order({ sessionId, order: { act: 'postponeUpdate', hours } })}
            >
              {t('serviceMode.office.postpone', { hours })}
            </ActionButton>
          ))}
        </>
      )}
    </>
  );
}
