import { useTranslation } from 'react-i18next';
import { formatDateTime } from '../../../../shared/i18n/format.ts';
import type { ShownDevice } from '../../../../shared/model/service.schema.ts';
import { shelfCameraTroubles } from '../../../../shared/model/shelf-watch.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { ActionButton, QuietButton } from '../../ui/buttons.tsx';
import { useDoorName } from '../../ui/door-names.ts';
import { Last, Panel, type RoomProps } from './room-parts.tsx';

/** Each device as it is now, what is wrong with it and what to do, and a test. */
export function DevicesRoom({ view, calls, onSetUp }: RoomProps & { readonly onSetUp: () => void }) {
  const { t } = useTranslation();
  const { sessionId } = view;
  const mayTest = view.acts.includes('testDevice');
  return (
    <Panel>
      {view.devices.map((device) => (
        <div
          key={device.id}
          className="flex items-center justify-between gap-24 border-b-2 border-line pb-12"
        >
          <Device device={device} doorCount={view.doors.length} />
          {mayTest && device.kind !== 'camera' && (
            <div className="shrink-0">
              <QuietButton
                testId={`action-test-${device.id}`}
                disabled={view.isBusy}
                onPress={() => void calls.testDevice({ sessionId, deviceId: device.id })}
              >
                {t('serviceMode.test')}
              </QuietButton>
            </div>
          )}
        </div>
      ))}
      {view.acts.includes('setLight') && (
        <div className="flex gap-16">
          <QuietButton
            testId="action-light-on"
            disabled={view.isBusy}
            onPress={() => void calls.setLight({ sessionId, on: true })}
          >
            {t('serviceMode.lightOn')}
          </QuietButton>
          <QuietButton
            testId="action-light-off"
            disabled={view.isBusy}
            onPress={() => void calls.setLight({ sessionId, on: false })}
          >
            {t('serviceMode.lightOff')}
          </QuietButton>
        </div>
      )}
      <Last view={view} of={['testDevice', 'setLight']} />
      {view.acts.includes('tryDevice') && (
        <ActionButton testId="action-set-up" kind="secondary" onPress={onSetUp}>
          {t('serviceMode.setup.open')}
        </ActionButton>
      )}
    </Panel>
  );
}

function Device({ device, doorCount }: { device: ShownDevice; doorCount: number }) {
  const { t } = useTranslation();
  const { language } = useKiosk();
  const nameOf = useDoorName(doorCount);
  const { kind, state, usefulCount, errorCount, resetCount, heardAgoMs, trouble, sinceMs, detail } = device;
  // Of a camera inside: what is wrong with it, and what to do.
  const cameraTrouble = shelfCameraTroubles.find((one) => detail === `camera.${one}`);
  const words = `service.staff.${trouble ?? 'device.timeout'}` as const;
  return (
    <div className="min-w-0 text-label">
      <p className="font-bold">
        {t(`serviceMode.kind.${kind}`)}
        {device.door !== undefined && ` · ${nameOf(device.door)}`} · {t(`serviceMode.state.${state}`)}
      </p>
      <p className="tabular text-small text-soft">
        {t('serviceMode.counts', { usefulCount: usefulCount ?? '—', faultCount: errorCount, resetCount })}
      </p>
      <p className="tabular text-small text-soft">
        {heardAgoMs === null
          ? t('serviceMode.neverHeard')
          : t('serviceMode.heardAgo', { seconds: Math.round(heardAgoMs / 1000) })}
      </p>
      {trouble !== null && (
        <p className="text-small text-cinnabar-ink" data-testid={`trouble-${device.id}`}>
          {sinceMs !== null && <>{t('service.since', { time: formatDateTime(sinceMs, language) })} · </>}
          {t('serviceMode.trouble', { why: t(`${words}.why`), todo: t(`${words}.todo`) })}
        </p>
      )}
      {cameraTrouble !== undefined && (
        <p className="text-small text-cinnabar-ink" data-testid={`trouble-${device.id}`}>
          {t(`serviceMode.camera.${cameraTrouble}`)}
        </p>
      )}
      {/* In the words of the device program: for whoever reads a manual beside it. */}
      {detail !== '' && cameraTrouble === undefined && (
        <p className="text-small break-words text-soft">{detail}</p>
      )}
    </div>
  );
}
