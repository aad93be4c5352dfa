import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SetupOrder, SetupView } from '../../../../shared/model/device-setup.schema.ts';
import { setupActs } from '../../../../shared/model/service.ts';
import { portText } from '../../../../shared/model/transport-sharing.ts';
import { ActionButton, QuietButton } from '../../ui/buttons.tsx';
import { ConfirmedAct } from './confirmed-act.tsx';
import { Last, Panel, type RoomProps } from './room-parts.tsx';
import { type Begun, SetupDevice } from './setup-device.tsx';
import { useSetupWords } from './setup-words.ts';
import { VersionRow } from './version-row.tsx';

type SetupDeviceView = SetupView['devices'][number];

/** The devices: searched, tried one by one, saved together as a version; and back to an older one. */
export function SetupRoom({ view, calls }: RoomProps) {
  const { t } = useTranslation();
  const words = useSetupWords(view.last);
  const [begun, setBegun] = useState<Begun | null>(null);
  const { setup, sessionId, isBusy } = view;
  if (setup === null) return null;
  const order = (made: SetupOrder): void => void calls.order({ sessionId, order: made });
  const { version: seenVersion } = setup;
  if (begun !== null)
    return (
      <SetupDevice
        begun={begun}
        setup={setup}
        isBusy={isBusy}
        status={<Last view={view} of={setupActs} words={words} />}
        onSearch={() => order({ act: 'findDevices' })}
        onTry={(device) => {
          order({ act: 'tryDevice', seenVersion, replaces: begun.replaces?.id ?? null, device });
          setBegun(null);
        }}
        onBack={() => setBegun(null)}
      />
    );
  return (
    <Panel>
      <p className="text-label text-soft">{t('serviceMode.setup.lead')}</p>
      {setup.badProfile !== null && (
        <p className="text-label text-cinnabar-ink" data-testid="setup-bad">
          {t('serviceMode.setup.bad')}
        </p>
      )}
      <Last view={view} of={setupActs} words={words} />
      {setup.isDraft && <Draft setup={setup} isBusy={isBusy} onOrder={order} />}
      {setup.devices.length === 0 && <p className="text-label">{t('serviceMode.setup.none')}</p>}
      {setup.devices.map((one) => (
        <DeviceRow
          key={one.id}
          device={one}
          state={view.devices.find(({ id }) => id === one.id)?.state ?? null}
          isBusy={isBusy}
          onChange={() => setBegun({ kind: one.spec.kind, replaces: one })}
          onLeaveOut={() => order({ act: 'leaveOutDevice', seenVersion, deviceId: one.id })}
        />
      ))}
      <ActionButton
        testId="action-add-device"
        kind="secondary"
        disabled={isBusy}
        onPress={() => setBegun({ kind: null, replaces: null })}
      >
        {t('serviceMode.setup.add')}
      </ActionButton>
      <Versions
        setup={setup}
        isBusy={isBusy}
        onUndo={(to) => order({ act: 'undoProfile', seenVersion, to })}
      />
    </Panel>
  );
}

function Draft({
  setup,
  isBusy,
  onOrder,
}: {
  readonly setup: SetupView;
  readonly isBusy: boolean;
  readonly onOrder: (order: SetupOrder) => void;
}) {
  const { t } = useTranslation();
  const { version: seenVersion, leftOut } = setup;
  return (
    <div className="flex flex-col gap-16 rounded-tile bg-sunk p-24" data-testid="setup-draft">
      <p className="text-label font-bold">{t('serviceMode.setup.draft')}</p>
      <p className="text-small text-soft">{t('serviceMode.setup.draftLead')}</p>
      {leftOut.length > 0 && (
        <p className="text-small break-words">
          {t('serviceMode.setup.leftOut', { ids: leftOut.join(', ') })}
        </p>
      )}
      <ConfirmedAct
        name="save-profile"
        label={t('serviceMode.setup.save')}
        effect={t('serviceMode.setup.saveEffect')}
        disabled={isBusy || setup.devices.some(({ isProven }) => !isProven)}
        onDo={() => onOrder({ act: 'saveProfile', seenVersion })}
      />
      <QuietButton
        testId="action-drop-profile"
        disabled={isBusy}
        onPress={() => onOrder({ act: 'dropProfile' })}
      >
        {t('serviceMode.setup.drop')}
      </QuietButton>
    </div>
  );
}

function DeviceRow({
  device: { id, spec, isChanged, isProven },
  state,
  isBusy,
  onChange,
  onLeaveOut,
}: {
  readonly device: SetupDeviceView;
  readonly state: RoomProps['view']['devices'][number]['state'] | null;
  readonly isBusy: boolean;
  readonly onChange: () => void;
  readonly onLeaveOut: () => void;
}) {
  const { t } = useTranslation();
  const todo = t(`serviceMode.setup.prove.${spec.kind}`);
  return (
    <div className="flex flex-col gap-12 border-b-2 border-line pb-12" data-testid={`setup-${id}`}>
      <div className="min-w-0 text-label" data-proven={isProven}>
        <p className="font-bold">
          {t(`serviceMode.kind.${spec.kind}`)}
          {state !== null && ` · ${t(`serviceMode.state.${state}`)}`}
        </p>
        <p className="tabular text-small break-words text-soft">
          {id} · {spec.protocol} · {portText(spec.transport)}
        </p>
        {isChanged && (
          <p className={`text-small font-medium ${isProven ? 'text-jade' : 'text-amber-ink'}`}>
            {isProven ? t('serviceMode.setup.proven') : t('serviceMode.setup.notProven', { todo })}
          </p>
        )}
      </div>
      <div className="flex flex-wrap gap-16">
        <QuietButton testId={`action-change-${id}`} disabled={isBusy} onPress={onChange}>
          {t('serviceMode.setup.change')}
        </QuietButton>
        <QuietButton testId={`action-leave-out-${id}`} disabled={isBusy} onPress={onLeaveOut}>
          {t('serviceMode.setup.leaveOut')}
        </QuietButton>
      </div>
    </div>
  );
}

function Versions({
  setup: { versions, version: newest, badProfile },
  isBusy,
  onUndo,
}: {
  readonly setup: SetupView;
  readonly isBusy: boolean;
  readonly onUndo: (to: number) => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      <h2 className="pt-12 text-label font-bold">{t('serviceMode.setup.versions')}</h2>
      {versions.length === 0 && <p className="text-label text-soft">{t('serviceMode.setup.noVersions')}</p>}
      {versions.map(({ version, atMs, by, why, added, removed, changed, isShelfChanged }) => (
        <VersionRow
          key={version}
          title={t('serviceMode.setup.version', { version })}
          why={t(`serviceMode.setup.by.${why}`)}
          atMs={atMs}
          by={by}
          undo={
            version === newest && badProfile === null
              ? null
              : {
                  name: `undo-profile-${version}`,
                  label: t('serviceMode.setup.undo'),
                  effect: t('serviceMode.setup.undoEffect', { version }),
                  disabled: isBusy,
                  onDo: () => onUndo(version),
                }
          }
        >
          {(['added', 'removed', 'changed'] as const).map((what) => {
            const ids = { added, removed, changed }[what].join(', ');
            if (ids === '') return null;
            return (
              <p key={what} className="text-small break-words text-soft">
                {t(`serviceMode.setup.${what}`, { ids })}
              </p>
            );
          })}
          {isShelfChanged && <p className="text-small text-soft">{t('serviceMode.setup.shelf')}</p>}
        </VersionRow>
      ))}
    </>
  );
}
