import { useState } from 'react';
import type { KnownCabinet } from '../../../../shared/console/fleet.schema.ts';
import { Go, linkTo } from '../../base/address.tsx';
import { useRight } from '../../base/context.ts';
import { useFormat } from '../../base/format.ts';
import { useLoad } from '../../base/load.ts';
import { useSettings } from '../../base/settings.tsx';
import { useWords } from '../../i18n/words.ts';
import { Chip, PageHead, Waiting, linkClass } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Note } from '../../ui/note.tsx';
import { Qr } from '../../ui/qr.tsx';
import { PlaceDialog } from './place-dialog.tsx';
import { SupportDialog } from './support-dialog.tsx';
import { type Given, TokenDialog } from './token-dialog.tsx';

type Doing = { readonly what: 'token' | 'place' | 'support'; readonly of: KnownCabinet | null };

/** Cabinets that there are, or that are waited for: what lets the next one in, and where each stands. */
export function CabinetsPage() {
  const words = useWords();
  const mayChange = useRight('fleet');
  const { value, failed, reload } = useLoad('cabinets');
  const [doing, setDoing] = useState<Doing | null>(null);
  const [given, setGiven] = useState<Given | null>(null);
  const close = (): void => {
    setDoing(null);
    reload();
  };
  return (
    <div className="flex flex-col gap-4">
      <PageHead heading={words.cabinets.heading} lead={words.cabinets.lead}>
        <Button onPress={reload}>{words.refresh}</Button>
        {mayChange && (
          <Button
            look="primary"
            onPress={() => {
              setDoing({ what: 'token', of: null });
            }}
          >
            {words.cabinets.add}
          </Button>
        )}
      </PageHead>
      {given !== null && <GivenToken given={given} />}
      {value === null ? (
        <Waiting failed={failed} retry={reload} />
      ) : value.length === 0 ? (
        <p className="rounded-card border border-line bg-card p-8 text-center text-soft">
          {words.cabinets.empty}
        </p>
      ) : (
        <ul className="flex flex-col gap-2">
          {value.map((cabinet) => (
            <CabinetRow key={cabinet.cabinetId} cabinet={cabinet} onDo={mayChange ? setDoing : null} />
          ))}
        </ul>
      )}
      {doing?.what === 'token' && (
        <TokenDialog
          cabinet={doing.of}
          onClose={close}
          onGiven={(one) => {
            close();
            setGiven(one);
          }}
        />
      )}
      {doing?.what === 'support' && doing.of !== null && (
        <SupportDialog cabinetId={doing.of.cabinetId} onClose={close} />
      )}
      {doing?.what === 'place' && doing.of !== null && (
        <PlaceDialog
          cabinet={doing.of}
          onClose={() => {
            close();
            // Where somebody was quicker, whoever gives up looks at how it is now.
            reload();
          }}
          onDone={() => {
            close();
            reload();
          }}
        />
      )}
    </div>
  );
}

function CabinetRow({ cabinet, onDo }: { cabinet: KnownCabinet; onDo: ((doing: Doing) => void) | null }) {
  const words = useWords();
  const { time } = useFormat();
  const { language } = useSettings();
  const { cabinetId, place, enrolledAtMs, tokenEndsAtMs, lowCount } = cabinet;
  const button = (what: Doing['what'], text: string) => (
    <Button
      onPress={() => {
        onDo?.({ what, of: cabinet });
      }}
    >
      {text}
    </Button>
  );
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-card border border-line bg-card p-4">
      <div className="flex min-w-48 grow flex-col">
        <span className="font-semibold break-all">{cabinetId}</span>
        <span className={`text-small ${place === null ? 'text-amber-ink' : 'text-soft'}`}>
          {place === null ? words.cabinets.noPlace : place[language]}
        </span>
        {tokenEndsAtMs !== null && (
          <span className="text-small text-soft">{words.cabinets.tokenUntil(time(tokenEndsAtMs))}</span>
        )}
      </div>
      <Chip look={enrolledAtMs === null ? 'care' : 'good'}>
        {enrolledAtMs === null ? words.cabinets.waits : words.cabinets.enrolled(time(enrolledAtMs))}
      </Chip>
      {lowCount !== null && lowCount > 0 && <Chip look="bad">{words.stock.low(lowCount)}</Chip>}
      <div className="flex flex-wrap gap-2" role="group" aria-label={cabinetId}>
        <Go to={linkTo('/search', { cabinetId })} className={linkClass}>
          {words.cabinets.charges}
        </Go>
        <Go to={linkTo('/stock', { cabinetId })} className={linkClass}>
          {words.stock.goods}
        </Go>
        {onDo !== null && enrolledAtMs !== null && (
          <Go to={linkTo('/settings', { cabinetId })} className={linkClass}>
            {words.cabinetSettings.open}
          </Go>
        )}
        {onDo !== null && enrolledAtMs !== null && button('support', words.cabinets.support.open)}
        {onDo !== null && button('place', words.cabinets.setPlace)}
        {onDo !== null &&
          button('token', enrolledAtMs === null ? words.cabinets.newToken : words.cabinets.replace)}
      </div>
    </li>
  );
}

/** Shown once: a code for the cabinet's camera, and the same as text. */
function GivenToken({ given }: { given: Given }) {
  const words = useWords().cabinets;
  const { time } = useFormat();
  return (
    <Note look="good">
      <p className="font-semibold">{words.given(given.cabinetId)}</p>
      <p>{words.givenLead(time(given.endsAtMs))}</p>
      <div className="my-3 flex flex-wrap items-center gap-4">
        <Qr text={given.forCabinet} label={words.qr} />
        <div className="flex min-w-0 grow basis-64 flex-col items-start gap-2">
          <p className="w-full rounded-field bg-card px-3 py-2 break-all">
            <code data-testid="for-cabinet">{given.forCabinet}</code>
          </p>
          <CopyButton text={given.forCabinet} />
        </div>
      </div>
      <p>{words.givenHow}</p>
    </Note>
  );
}
