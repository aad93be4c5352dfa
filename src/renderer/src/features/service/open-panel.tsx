import {
  ClipboardList,
  Cpu,
  DoorOpen,
  Gauge,
  KeyRound,
  LifeBuoy,
  Package,
  Power,
  Users,
  Receipt,
  SlidersHorizontal,
  Stethoscope,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import { unreachable } from '../../../../shared/assert.ts';
import { formatDateTime } from '../../../../shared/i18n/format.ts';
import type { ServiceAct } from '../../../../shared/model/service.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { useTouch } from '../../kiosk/use-touch.ts';
import { ActionButton } from '../../ui/buttons.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { FromTheTop, ScrollArea } from '../../ui/scroll-area.tsx';
import { useDoorName } from '../../ui/door-names.ts';
import { CoolingFacts } from './cooling-facts.tsx';
import { DevicesRoom } from './devices-room.tsx';
import { GoodsRoom } from './goods-room.tsx';
import { RedFrame } from './red-frame.tsx';
import { Fact, Last, Panel, type RoomProps, type ScanProps } from './room-parts.tsx';
import { MembersRoom } from './office-room.tsx';
import { ChargesRoom } from './charges-room.tsx';
import { SetupRoom } from './setup-room.tsx';
import { SettingsRoom, noDraft } from './settings-room.tsx';
import { SystemRoom } from './system-room.tsx';
import { SupportRoom } from './support-room.tsx';
import { TrendsPart } from './trends-part.tsx';
import { TestsRoom } from './tests-room.tsx';

const rooms = [
  'overview',
  'door',
  'goods',
  'devices',
  'tests',
  'charges',
  'members',
  'settings',
  'system',
  'support',
  'log',
  'pin',
] as const;
/** Set-up is a room behind that of the devices. */
type Room = (typeof rooms)[number] | 'setup';
const icons: Readonly<Record<(typeof rooms)[number], LucideIcon>> = {
  overview: Gauge,
  door: DoorOpen,
  goods: Package,
  devices: Cpu,
  tests: Stethoscope,
  charges: Receipt,
  members: Users,
  settings: SlidersHorizontal,
  system: Power,
  support: LifeBuoy,
  log: ClipboardList,
  pin: KeyRound,
};

/** Rooms that are not for everybody, and for whose act. */
const roomNeeds: Partial<Record<Room, ServiceAct>> = {
  tests: 'selfTest',
  charges: 'sendCharges',
  members: 'deleteFaces',
  settings: 'changeSettings',
  system: 'restartApp',
  support: 'supportBundle',
  log: 'readLog',
};

/** Somebody of the staff is signed in: what they see and may do. */
export function OpenPanel({ view, calls }: RoomProps) {
  const { t } = useTranslation();
  const [room, setRoom] = useState<Room>('overview');
  const [handledSeq, setHandledSeq] = useState(0);
  // Not in its room, which somebody may leave meanwhile.
  const [draft, setDraft] = useState(noDraft);
  const { sessionId, acts, isUnbilled, isPadLost, whyNotLeave } = view;
  const shown = rooms.filter((one) => {
    const act = roomNeeds[one];
    return act === undefined || acts.includes(act);
  });
  useTouch(() => void calls.touch({ sessionId }));
  return (
    <>
      {isUnbilled && <RedFrame />}
      <ScreenLayout
        screen="service"
        reason={room}
        title={t('serviceMode.title', { name: view.name })}
        lead={t(isUnbilled ? 'serviceMode.unbilled' : `serviceMode.role.${view.role}`)}
        aside={
          <nav
            aria-label={t('serviceMode.rooms')}
            className="grid auto-rows-fr grid-cols-5 gap-12 pt-24 landscape:grid-cols-3 landscape:pt-8"
          >
            {shown.map((one) => (
              <RailButton
                key={one}
                room={one}
                isOn={one === (room === 'setup' ? 'devices' : room)}
                onPress={() => setRoom(one)}
              />
            ))}
          </nav>
        }
        footer={
          <div className="flex flex-col gap-16">
            {whyNotLeave !== null && (
              <p className="text-center text-small text-cinnabar-ink" data-testid="why-not-leave">
                {t(`serviceMode.notLeave.${whyNotLeave}`)}
              </p>
            )}
            <ActionButton
              testId="action-leave"
              kind="secondary"
              disabled={whyNotLeave !== null}
              onPress={() => void calls.leave({ sessionId })}
            >
              {t('serviceMode.leave')}
            </ActionButton>
          </div>
        }
      >
        <ScrollArea label={t(`serviceMode.room.${room}`)} className="h-full min-h-0">
          <FromTheTop step={room} />
          {isPadLost && (
            <p role="status" className="pb-24 text-label text-cinnabar-ink" data-testid="pad-lost">
              {t('serviceMode.padLostInWork')}
            </p>
          )}
          {room === 'settings' ? (
            <SettingsRoom view={view} calls={calls} draft={draft} onDraft={setDraft} />
          ) : (
            <RoomOf
              room={room}
              view={view}
              calls={calls}
              scan={{ handledSeq, onHandled: setHandledSeq }}
              onRoom={setRoom}
            />
          )}
        </ScrollArea>
      </ScreenLayout>
    </>
  );
}

function RailButton({
  room,
  isOn,
  onPress,
}: {
  room: (typeof rooms)[number];
  isOn: boolean;
  onPress: () => void;
}) {
  const { t } = useTranslation();
  const Icon = icons[room];
  return (
    <Button
      data-testid={`key-room-${room}`}
      aria-current={isOn ? 'page' : 'false'}
      onPress={onPress}
      className={
        'flex min-h-96 flex-col items-center justify-center gap-6 rounded-tile px-4 py-10 text-small leading-tight ' +
        `landscape:min-h-88 landscape:py-4 ${isOn ? 'bg-ink text-paper' : 'bg-sunk text-ink'}`
      }
    >
      <Icon className="size-40 shrink-0 landscape:size-32" aria-hidden="true" />
      <span className="text-center">{t(`serviceMode.room.${room}`)}</span>
    </Button>
  );
}

function RoomOf({
  room,
  view,
  calls,
  scan,
  onRoom,
}: RoomProps & { room: Exclude<Room, 'settings'>; scan: ScanProps; onRoom: (room: Room) => void }) {
  switch (room) {
    case 'overview':
      return <Overview view={view} calls={calls} />;
    case 'door':
      return <DoorRoom view={view} calls={calls} />;
    case 'goods':
      return <GoodsRoom view={view} calls={calls} {...scan} />;
    case 'devices':
      return <DevicesRoom view={view} calls={calls} onSetUp={() => onRoom('setup')} />;
    case 'setup':
      return <SetupRoom view={view} calls={calls} />;
    case 'tests':
      return <TestsRoom view={view} calls={calls} />;
    case 'charges':
      return <ChargesRoom view={view} calls={calls} />;
    case 'members':
      return <MembersRoom view={view} calls={calls} />;
    case 'system':
      return <SystemRoom view={view} calls={calls} />;
    case 'support':
      return <SupportRoom view={view} calls={calls} />;
    case 'log':
      return <LogRoom view={view} calls={calls} />;
    case 'pin':
      return <PinRoom view={view} calls={calls} />;
    default:
      return unreachable(room);
  }
}

function Overview({ view, calls }: RoomProps) {
  const { t } = useTranslation();
  const ready = view.devices.filter(({ state }) => state === 'ready').length;
  const faults = [
    ...view.devices.filter(({ trouble }) => trouble !== null),
    ...(view.tests?.results ?? []).filter(({ findings }) => findings.length > 0),
  ];
  const pieces = view.stock?.reduce((sum, { now }) => sum + now, 0);
  return (
    <Panel>
      {view.cooling !== null && <CoolingFacts view={view} cooling={view.cooling} calls={calls} />}
      <Fact label={t('serviceMode.door')} value={t(`serviceMode.doorState.${view.door}`)} />
      <Fact label={t('serviceMode.room.devices')} value={`${ready} / ${view.devices.length}`} />
      <Fact label={t('serviceMode.faults')} value={String(faults.length)} />
      <Fact
        label={t('serviceMode.pieces')}
        value={pieces === undefined ? t('serviceMode.counting') : String(pieces)}
      />
      <Fact
        label={t('serviceMode.network')}
        value={t(view.isOnline ? 'serviceMode.online' : 'serviceMode.offline')}
      />
      {view.charges !== null && (
        <Fact label={t('serviceMode.unsettled')} value={String(view.charges.unsettledCount)} />
      )}
      {view.trends !== null && <TrendsPart trends={view.trends} />}
    </Panel>
  );
}

function DoorRoom({ view, calls }: RoomProps) {
  const { t } = useTranslation();
  const nameOf = useDoorName(view.doors.length);
  return (
    <Panel>
      <Fact label={t('serviceMode.door')} value={t(`serviceMode.doorState.${view.door}`)} />
      <p className="text-label text-soft">{t('serviceMode.openEffect')}</p>
      {view.doors.length === 0 ? (
        <ActionButton
          testId="action-open-door"
          disabled={view.door === 'open' || view.isBusy}
          onPress={() => void calls.openDoor({ sessionId: view.sessionId })}
        >
          {t('serviceMode.open')}
        </ActionButton>
      ) : (
        view.doors.map((door, index) => (
          <div key={index} className="flex flex-col gap-12">
            <Fact
              label={<span className="first-letter:uppercase">{nameOf(index + 1)}</span>}
              value={t(`serviceMode.doorState.${door}`)}
            />
            <LockTrouble view={view} door={index + 1} />
            <ActionButton
              testId={`action-open-door-${index + 1}`}
              disabled={door === 'open' || view.isBusy}
              onPress={() => void calls.openDoor({ sessionId: view.sessionId, door: index + 1 })}
            >
              {t('serviceMode.openOne', { door: nameOf(index + 1) })}
            </ActionButton>
          </div>
        ))
      )}
      <Last view={view} of={['openDoor']} />
    </Panel>
  );
}

/** What is wrong with the lock of one of several doors: it may be out of service while the others sell. */
function LockTrouble({ view, door }: { view: RoomProps['view']; door: number }) {
  const { t } = useTranslation();
  const trouble = view.devices.find((one) => one.door === door)?.trouble ?? null;
  if (trouble === null) return null;
  const words = `service.staff.${trouble}` as const;
  return (
    <p className="text-small text-cinnabar-ink" data-testid={`lock-trouble-${door}`}>
      {t('serviceMode.trouble', { why: t(`${words}.why`), todo: t(`${words}.todo`) })}
    </p>
  );
}

function LogRoom({ view, calls }: RoomProps) {
  const { t } = useTranslation();
  const { language } = useKiosk();
  if (view.log === null)
    return (
      <Panel>
        <ActionButton
          testId="action-read-log"
          onPress={() => void calls.readLog({ sessionId: view.sessionId })}
        >
          {t('serviceMode.readLog')}
        </ActionButton>
      </Panel>
    );
  return (
    <Panel>
      {view.log.map(({ seq, atMs, actor, act, detail }) => (
        <p key={seq} className="text-small break-words">
          <span className="tabular text-soft">{formatDateTime(atMs, language)}</span> {actor} · {act}
          {detail === '' ? '' : ` · ${detail}`}
        </p>
      ))}
    </Panel>
  );
}

function PinRoom({ view, calls }: RoomProps) {
  const { t } = useTranslation();
  return (
    <Panel>
      <p className="text-label text-soft">{t('serviceMode.changePinEffect')}</p>
      <ActionButton
        testId="action-change-pin"
        disabled={view.isBusy}
        onPress={() => void calls.changePin({ sessionId: view.sessionId })}
      >
        {t('serviceMode.changePin')}
      </ActionButton>
      <Last view={view} of={['changePin']} />
    </Panel>
  );
}
