import { useTranslation } from 'react-i18next';
import { formatDateTime, formatMoney } from '../../../../shared/i18n/format.ts';
import { minor } from '../../../../shared/money.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { ConfirmedAct } from './confirmed-act.tsx';
import { Fact, Last, Panel, type RoomProps } from './room-parts.tsx';
import { useOrderWords } from './order-words.ts';

/** Members as counts, what may wait while there is no network, and the end of all faces. */
export function MembersRoom({ view, calls }: RoomProps) {
  const { t } = useTranslation();
  const { language } = useKiosk();
  const wordsOf = useOrderWords();
  const { office, sessionId, isBusy } = view;
  if (office === null) return null;
  const { offline, faces } = office;
  const { currency } = offline;
  const amount = (value: number): string =>
    currency === null ? String(value) : formatMoney(minor(value), currency, language).text;
  return (
    <Panel>
      <Fact label={t('serviceMode.office.faces')} value={faces === null ? '—' : String(faces.enrolled)} />
      {faces !== null && (
        <>
          <Fact label={t('serviceMode.office.facesEver')} value={String(faces.ever)} />
          <Fact
            label={t('serviceMode.office.consents')}
            value={t('serviceMode.office.consentsOf', {
              count: faces.consents.present + faces.consents.earlier,
              earlier: faces.consents.earlier,
            })}
          />
          <Fact label={t('serviceMode.office.consentsEnded')} value={String(faces.consents.ended)} />
        </>
      )}
      <Fact
        label={t('serviceMode.office.offlineCount')}
        value={t('serviceMode.office.usedOf', {
          used: offline.count.used,
          most: offline.count.most ?? '—',
        })}
      />
      <Fact
        label={t('serviceMode.office.offlineSum')}
        value={t('serviceMode.office.usedOf', {
          used: amount(offline.sum.used),
          most: offline.sum.most === null ? '—' : amount(offline.sum.most),
        })}
      />
      <Fact
        label={t('serviceMode.office.offlineUntil')}
        value={
          offline.policyEndsMs === null
            ? t('serviceMode.office.nobodyOffline')
            : formatDateTime(offline.policyEndsMs, language)
        }
      />
      <Last view={view} of={['deleteFaces']} words={wordsOf(view.last)} />
      {faces !== null && faces.enrolled > 0 && (
        <ConfirmedAct
          // Of another number it is another act.
          key={faces.enrolled}
          name="delete-faces"
          label={t('serviceMode.office.deleteFaces', { count: faces.enrolled })}
          effect={t('serviceMode.office.deleteFacesEffect', { count: faces.enrolled })}
          disabled={isBusy}
          onDo={() => void calls.order({ sessionId, order: { act: 'deleteFaces', count: faces.enrolled } })}
        />
      )}
    </Panel>
  );
}
