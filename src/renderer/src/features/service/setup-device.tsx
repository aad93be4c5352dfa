import { Suspense, lazy, useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceSpec } from '../../../../shared/model/device.ts';
import {
  type Answers,
  type FormField,
  type Place,
  type Protocol,
  allProtocolsOf,
  answersOf,
  changedEntry,
  entryOf,
  formOf,
  placeOf,
  protocolsFor,
} from '../../../../shared/model/device-form.ts';
import type { SetupView } from '../../../../shared/model/device-setup.schema.ts';
import type { FoundDevice } from '../../../../shared/model/found-device.ts';
import { portText } from '../../../../shared/model/transport-sharing.ts';
import { ActionButton, QuietButton } from '../../ui/buttons.tsx';
import { FromTheTop } from '../../ui/scroll-area.tsx';
import { Panel } from './room-parts.tsx';

/** Only whoever types brings it in. */
const TextKeys = lazy(() => import('./text-keys.tsx'));

const kinds = [
  'lock',
  'door-sensor',
  'tag-reader',
  'code-scanner',
  'scale',
  'thermometer',
  'light',
] as const satisfies readonly DeviceSpec['kind'][];

/** What is being set up: of which kind (null: not said yet), and in whose place. */
export interface Begun {
  readonly kind: DeviceSpec['kind'] | null;
  readonly replaces: SetupView['devices'][number] | null;
}
interface At {
  readonly place: Place;
  readonly protocols: readonly Protocol[];
}

/** One device: which kind, where it is, and what cannot be seen of it from outside. */
export function SetupDevice({
  begun,
  setup,
  isBusy,
  status,
  onSearch,
  onTry,
  onBack,
}: {
  readonly begun: Begun;
  readonly setup: SetupView;
  readonly isBusy: boolean;
  readonly status: ReactNode;
  readonly onSearch: () => void;
  readonly onTry: (device: DeviceSpec) => void;
  readonly onBack: () => void;
}) {
  const { t } = useTranslation();
  const [kind, setKind] = useState(begun.kind);
  const [at, setAt] = useState<At | null>(null);
  return (
    <Panel>
      <FromTheTop step={`${kind ?? ''} ${at === null ? 'where' : 'what'}`} />
      {kind !== null && <h2 className="text-heading font-bold">{t(`serviceMode.kind.${kind}`)}</h2>}
      {kind === null && <Kinds onKind={setKind} />}
      {kind !== null && at === null && (
        <>
          {status}
          <Places
            kind={kind}
            now={begun.replaces?.spec ?? null}
            found={setup.found}
            isBusy={isBusy}
            onSearch={onSearch}
            onPlace={setAt}
          />
        </>
      )}
      {kind !== null && at !== null && (
        <Form kind={kind} at={at} now={begun.replaces?.spec ?? null} isBusy={isBusy} onTry={onTry} />
      )}
      <QuietButton testId="action-setup-back" onPress={at === null ? onBack : () => setAt(null)}>
        {t('serviceMode.back')}
      </QuietButton>
    </Panel>
  );
}

function Kinds({ onKind }: { readonly onKind: (kind: DeviceSpec['kind']) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <p className="text-label">{t('serviceMode.setup.which')}</p>
      <div className="grid grid-cols-2 gap-16">
        {kinds.map((kind) => (
          <ActionButton key={kind} testId={`key-kind-${kind}`} kind="secondary" onPress={() => onKind(kind)}>
            {t(`serviceMode.kind.${kind}`)}
          </ActionButton>
        ))}
      </div>
    </>
  );
}

function Places({
  kind,
  now,
  found,
  isBusy,
  onSearch,
  onPlace,
}: {
  readonly kind: DeviceSpec['kind'];
  readonly now: DeviceSpec | null;
  readonly found: SetupView['found'];
  readonly isBusy: boolean;
  readonly onSearch: () => void;
  readonly onPlace: (at: At) => void;
}) {
  const { t } = useTranslation();
  const [isTyping, setIsTyping] = useState(false);
  const here = now === null ? null : placeOf(now.transport);
  const fitting = (found?.devices ?? []).filter(({ role }) => protocolsFor(kind, role).length > 0);
  const typed = protocolsFor(kind, 'keyboard');
  if (isTyping)
    return <Address onAddress={(place) => onPlace({ place, protocols: protocolsAt(kind, place, now) })} />;
  return (
    <>
      <p className="text-label">{t('serviceMode.setup.where')}</p>
      {now !== null && here !== null && (
        <ActionButton
          testId="key-place-now"
          kind="secondary"
          onPress={() => onPlace({ place: here, protocols: protocolsAt(kind, here, now) })}
        >
          {t('serviceMode.setup.asNow', { place: portText(now.transport) })}
        </ActionButton>
      )}
      <ActionButton testId="action-search" kind="secondary" disabled={isBusy} onPress={onSearch}>
        {t('serviceMode.setup.search')}
      </ActionButton>
      {found !== null && fitting.length === 0 && (
        <p className="text-label" data-testid="setup-nothing">
          {t('serviceMode.setup.nothingFits')}
        </p>
      )}
      {fitting.map((one, index) => (
        <Found
          key={index}
          index={index}
          found={one}
          onPress={() => onPlace({ place: placeOfFound(one), protocols: protocolsFor(kind, one.role) })}
        />
      ))}
      {(found?.problems ?? []).map((problem) => (
        <p key={problem} className="text-small break-words text-soft">
          {problem}
        </p>
      ))}
      {typed.length > 0 && (
        <QuietButton
          testId="key-place-keyboard"
          onPress={() => onPlace({ place: { kind: 'keyboard' }, protocols: typed })}
        >
          {t('serviceMode.setup.keyboard')}
        </QuietButton>
      )}
      <QuietButton testId="key-place-address" onPress={() => setIsTyping(true)}>
        {t('serviceMode.setup.address')}
      </QuietButton>
    </>
  );
}

function placeOfFound({ role, match }: FoundDevice): Place {
  return { kind: role === 'serial' ? 'serial' : 'hid', match };
}

/** Behind an address may be anything; what is there now is proposed. */
function protocolsAt(kind: DeviceSpec['kind'], place: Place, now: DeviceSpec | null): readonly Protocol[] {
  const all =
    place.kind === 'tcp'
      ? allProtocolsOf(kind)
      : protocolsFor(kind, place.kind === 'keyboard' ? 'keyboard' : 'serial');
  if (now === null) return all;
  const isLine = place.kind === 'tcp' || place.kind === 'serial';
  return [now.protocol, ...(isLine ? all.filter((one) => one !== now.protocol) : [])];
}

/** One that was found, with what stands in the way of using it. */
function Found({
  index,
  found: { what, product, serialNumber, portPath, problems },
  onPress,
}: {
  readonly index: number;
  readonly found: FoundDevice;
  readonly onPress: () => void;
}) {
  return (
    <div className="flex flex-col gap-8">
      <ActionButton testId={`key-found-${index}`} kind="secondary" onPress={onPress}>
        {[what, product, serialNumber, portPath].filter((one) => one !== null).join(' · ')}
      </ActionButton>
      {problems.map((problem) => (
        <p key={problem} className="text-small break-words text-cinnabar-ink">
          {problem}
        </p>
      ))}
    </div>
  );
}

function Address({ onAddress }: { readonly onAddress: (place: Place) => void }) {
  const { t } = useTranslation();
  const [isWrong, setIsWrong] = useState(false);
  return (
    <>
      <p className="text-label">{t('serviceMode.setup.addressLead')}</p>
      {isWrong && (
        <p className="text-label text-cinnabar-ink" data-testid="address-wrong">
          {t('serviceMode.setup.addressWrong')}
        </p>
      )}
      <Suspense>
        <TextKeys
          field={{ keys: 'letters', max: 80 }}
          value=""
          onTake={(text) => {
            const [, host, port] = /^([^\s:]+):(\d{1,5})$/.exec(String(text)) ?? [];
            const number = Number(port);
            if (host === undefined || number < 1 || number > 65_535) setIsWrong(true);
            else onAddress({ kind: 'tcp', host, port: number });
          }}
        />
      </Suspense>
    </>
  );
}

function Form({
  kind,
  at: { place, protocols },
  now,
  isBusy,
  onTry,
}: {
  readonly kind: DeviceSpec['kind'];
  readonly at: At;
  readonly now: DeviceSpec | null;
  readonly isBusy: boolean;
  readonly onTry: (device: DeviceSpec) => void;
}) {
  const { t } = useTranslation();
  const [protocol, setProtocol] = useState(protocols[0]);
  const [said, setSaid] = useState<Answers>({});
  if (protocol === undefined) return null;
  const fields = formOf(kind, protocol, place.kind === 'serial');
  const before: Answers = now?.protocol === protocol ? answersOf(now) : {};
  const answer = ({ name, usual }: FormField) => said[name] ?? before[name] ?? usual;
  return (
    <>
      {place.kind === 'tcp' && (
        <p className="tabular text-label text-soft">{`${place.host}:${place.port}`}</p>
      )}
      {protocols.length > 1 && (
        <Choice
          name="protocol"
          label={t('serviceMode.setup.protocol')}
          choices={protocols}
          value={protocol}
          onTake={(one) => {
            setProtocol(one as Protocol);
            setSaid({});
          }}
        />
      )}
      {fields.map((field) => {
        const { name, choices, min, max } = field;
        const common = { name, label: t(`serviceMode.setup.field.${name}`), value: answer(field) };
        const onTake = (value: string | number): void => setSaid({ ...said, [name]: value });
        return choices.length > 0 ? (
          <Choice key={name} {...common} choices={choices} onTake={onTake} />
        ) : (
          <Stepper key={name} {...common} min={min} max={max} onTake={onTake} />
        );
      })}
      <p className="text-label text-soft">{t('serviceMode.setup.tryEffect')}</p>
      <ActionButton
        testId="action-try-device"
        disabled={isBusy}
        onPress={() => {
          const answers = Object.fromEntries(fields.map((field) => [field.name, answer(field)]));
          const entry =
            now === null
              ? entryOf(kind, protocol, place, answers)
              : changedEntry(now, protocol, place, answers);
          // Main parses it, whatever it is.
          onTry(entry as DeviceSpec);
        }}
      >
        {t('serviceMode.setup.try')}
      </ActionButton>
    </>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string | number;
  readonly onTake: (value: string | number) => void;
}

function Choice({
  name,
  label,
  value,
  choices,
  onTake,
}: FieldProps & { readonly choices: readonly (string | number)[] }) {
  return (
    <div className="flex flex-col gap-12">
      <p className="text-label">{label}</p>
      <div className="flex flex-wrap gap-12" data-testid={`field-${name}`} data-value={value}>
        {choices.map((one) => (
          <QuietButton key={one} testId={`key-${name}-${one}`} onPress={() => onTake(one)}>
            <span className={one === value ? 'font-bold text-jade' : ''}>
              {one === value && '✓ '}
              {one}
            </span>
          </QuietButton>
        ))}
      </div>
    </div>
  );
}

function Stepper({
  name,
  label,
  value,
  min,
  max,
  onTake,
}: FieldProps & { readonly min: number; readonly max: number }) {
  const within = (wanted: number): number => Math.min(Math.max(wanted, min), max);
  const number = Number(value);
  const step = (by: number) => (
    <QuietButton
      key={by}
      testId={`key-${name}-by-${by}`}
      disabled={within(number + by) === number}
      onPress={() => onTake(within(number + by))}
    >
      {by > 0 ? '+' : '−'}
      {Math.abs(by)}
    </QuietButton>
  );
  return (
    <div className="flex flex-col gap-12">
      <p className="flex justify-between gap-24 text-label">
        <span>{label}</span>
        <span className="tabular font-bold" data-testid={`field-${name}`} data-value={number}>
          {number}
        </span>
      </p>
      <div className="flex flex-wrap gap-12">
        {(max - min > 100 ? [-100, -10, -1, 1, 10, 100] : max - min > 10 ? [-10, -1, 1, 10] : [-1, 1]).map(
          step,
        )}
      </div>
    </div>
  );
}
