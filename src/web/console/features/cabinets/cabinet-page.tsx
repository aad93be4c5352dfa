import { useState } from 'react';
import type { ConsoleReply } from '../../../../shared/console/routes.ts';
import type { SaidByCabinet } from '../../../../shared/console/fleet.schema.ts';
import { Go, linkTo, useAddress } from '../../base/address.tsx';
import { useRight } from '../../base/context.ts';
import { useFormat } from '../../base/format.ts';
import { useLoad } from '../../base/load.ts';
import { useSettings } from '../../base/settings.tsx';
import { useWords } from '../../i18n/words.ts';
import { Card, Chip, PageHead, Waiting, linkClass } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Note } from '../../ui/note.tsx';
import { degrees, lookOfCabinet, reasonText, wordOf } from './cabinet-now.ts';
import { GivenToken } from './given-token.tsx';
import { PlaceDialog } from './place-dialog.tsx';
import { SupportDialog } from './support-dialog.tsx';
import { type Given, TokenDialog } from './token-dialog.tsx';

type ShownCabinet = ConsoleReply<'cabinet'>;
type Doing = 'token' | 'place' | 'support';

/** One cabinet: how it is by its own word, where it stands, and what can be done about it from here. */
export function CabinetPage() {
  const words = useWords();
  const { query } = useAddress();
  const cabinetId = query.get('cabinetId') ?? '';
  const { value, failed, reload } = useLoad('cabinet', { cabinetId });
  return (
    <div className="flex flex-col gap-4">
      <PageHead heading={cabinetId}>
        <Button onPress={reload}>{words.refresh}</Button>
      </PageHead>
      {value === null ? (
        <Waiting failed={failed} retry={reload} />
      ) : (
        <Loaded key={cabinetId} cabinet={value} reload={reload} />
      )}
    </div>
  );
}

function Loaded({ cabinet, reload }: { cabinet: ShownCabinet; reload: () => void }) {
  const words = useWords();
  const { cabinetId, said, enrolledAtMs } = cabinet;
  const mayChange = useRight('fleet');
  const { time } = useFormat();
  const how = lookOfCabinet(cabinet, words.cabinetState, time);
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Chip look={how.look} shape="lines">
          {how.text}
        </Chip>
        <Go to={linkTo('/search', { cabinetId })} className={linkClass}>
          {words.cabinets.charges}
        </Go>
        <Go to={linkTo('/queue', { cabinetId })} className={linkClass}>
          {words.nav.queue}
        </Go>
        <Go to={linkTo('/stock', { cabinetId })} className={linkClass}>
          {words.stock.goods}
        </Go>
        {mayChange && enrolledAtMs !== null && (
          <Go to={linkTo('/settings', { cabinetId })} className={linkClass}>
            {words.cabinetSettings.open}
          </Go>
        )}
      </div>
      {said === null ? (
        enrolledAtMs !== null && <Note look="plain">{words.cabinetState.nothingSaid}</Note>
      ) : (
        <Said said={said} />
      )}
      <Access cabinet={cabinet} reload={reload} />
    </>
  );
}

function Said({ said }: { said: SaidByCabinet }) {
  const words = useWords().cabinetState;
  const { time, age } = useFormat();
  const { state, reason, sinceMs, temperature, undelivered } = said;
  const warmth = (milliC: number | null): string => (milliC === null ? words.notRead : degrees(milliC));
  const oldest = undelivered?.oldestMs ?? null;
  return (
    <>
      {said.isSilent && (
        <Note look="bad">
          <p>{words.silentLead}</p>
        </Note>
      )}
      <div className="grid gap-4 md:grid-cols-2">
        <Card heading={words.said}>
          <Facts
            facts={[
              [words.state, reason === null ? words.states[state] : reasonText(reason, words)],
              [words.since, time(sinceMs)],
              [words.heard, time(said.heardAtMs)],
              [words.version, said.version],
              [
                words.undelivered,
                undelivered === null
                  ? words.unknown
                  : words.undeliveredOf(undelivered.count, oldest === null ? null : age(oldest)),
              ],
            ]}
          />
        </Card>
        {temperature !== null && (
          <Card heading={words.temperature}>
            {temperature.isSpoilt && <Note look="bad">{words.spoilt}</Note>}
            <Facts
              facts={[
                [words.now, warmth(temperature.milliC)],
                [
                  words.day,
                  temperature.dayMinMilliC === null || temperature.dayMaxMilliC === null
                    ? null
                    : `${degrees(temperature.dayMinMilliC)} – ${degrees(temperature.dayMaxMilliC)}`,
                ],
                [words.limit, temperature.maxMilliC === null ? null : degrees(temperature.maxMilliC)],
              ]}
            />
          </Card>
        )}
      </div>
      <Devices devices={said.devices} />
    </>
  );
}

function Devices({ devices }: { devices: SaidByCabinet['devices'] }) {
  const words = useWords().cabinetState;
  const { time } = useFormat();
  return (
    <Card heading={words.devices}>
      {devices.length === 0 && <p className="text-soft">{words.noDevices}</p>}
      <ul className="flex flex-col gap-2">
        {devices.map(({ id, kind, trouble, sinceMs }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-4 gap-y-1 text-label">
            <span className="min-w-48 font-semibold">{wordOf(words.kinds, kind)}</span>
            <span className="text-small text-soft">{id}</span>
            <Chip look={trouble === null ? 'good' : 'bad'} shape="lines">
              {trouble === null ? words.well : wordOf(words.troubles, trouble)}
            </Chip>
            {trouble !== null && sinceMs !== null && (
              <span className="tabular text-small text-soft">
                {words.since} {time(sinceMs)}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Who is let in as this cabinet, and where it stands. */
function Access({ cabinet, reload }: { cabinet: ShownCabinet; reload: () => void }) {
  const words = useWords();
  const mayChange = useRight('fleet');
  const { time } = useFormat();
  const { language } = useSettings();
  const [doing, setDoing] = useState<Doing | null>(null);
  const [given, setGiven] = useState<Given | null>(null);
  const { cabinetId, place, enrolledAtMs, tokenEndsAtMs } = cabinet;
  // Where somebody was quicker, whoever gives up looks at how it is now.
  const close = (): void => {
    setDoing(null);
    reload();
  };
  const button = (what: Doing, text: string) => (
    <Button
      onPress={() => {
        setDoing(what);
      }}
    >
      {text}
    </Button>
  );
  return (
    <Card heading={words.cabinetState.access}>
      {given !== null && <GivenToken given={given} />}
      <Facts
        facts={[
          [words.cabinetState.place, place === null ? words.cabinets.noPlace : place[language]],
          [words.cabinetState.enrolled, enrolledAtMs === null ? words.cabinets.waits : time(enrolledAtMs)],
        ]}
      />
      {tokenEndsAtMs !== null && (
        <p className="text-small text-soft">{words.cabinets.tokenUntil(time(tokenEndsAtMs))}</p>
      )}
      {mayChange && (
        <div className="flex flex-wrap gap-2" role="group" aria-label={words.cabinetState.access}>
          {button('place', words.cabinets.setPlace)}
          {button('token', enrolledAtMs === null ? words.cabinets.newToken : words.cabinets.replace)}
          {enrolledAtMs !== null && button('support', words.cabinets.support.open)}
        </div>
      )}
      {doing === 'token' && (
        <TokenDialog
          cabinet={cabinet}
          onClose={close}
          onGiven={(one) => {
            close();
            setGiven(one);
          }}
        />
      )}
      {doing === 'support' && <SupportDialog cabinetId={cabinetId} onClose={close} />}
      {doing === 'place' && <PlaceDialog cabinet={cabinet} onClose={close} onDone={close} />}
    </Card>
  );
}
