import { useTranslation } from 'react-i18next';
import { isSupportFailure } from '../../../../shared/model/support-bundle.ts';
import { ActionButton } from '../../ui/buttons.tsx';
import { Last, Panel, type RoomProps } from './room-parts.tsx';

/** What whoever mends the cabinet from afar needs to know of it: to a USB stick, or to the operator. */
export function SupportRoom({ view, calls }: RoomProps) {
  const { t } = useTranslation();
  const { sessionId, last, isOnline, isBusy } = view;
  const send = (to: 'stick' | 'operator') =>
    void calls.order({ sessionId, order: { act: 'supportBundle', to } });
  const why = last?.detail ?? '';
  return (
    <Panel>
      <p className="text-label text-soft">{t('serviceMode.support.effect')}</p>
      <Last
        view={view}
        of={['supportBundle']}
        words={isSupportFailure(why) ? t(`serviceMode.support.failure.${why}`) : undefined}
      />
      <ActionButton
        testId="action-support-operator"
        disabled={isBusy || !isOnline}
        onPress={() => send('operator')}
      >
        {t('serviceMode.support.toOperator')}
      </ActionButton>
      {!isOnline && <p className="text-small text-soft">{t('serviceMode.support.noNetwork')}</p>}
      <ActionButton
        testId="action-support-stick"
        kind="secondary"
        disabled={isBusy}
        onPress={() => send('stick')}
      >
        {t('serviceMode.support.toStick')}
      </ActionButton>
    </Panel>
  );
}
